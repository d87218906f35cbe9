import { isNeutral, listFilterSteps, type Adjustment } from './adjust.ts'

const filterId = 'sample-filter'

/** The value of the CSS property `filter` that shows an adjustment. */
export const filterOf = (adjustment: Adjustment): string => (isNeutral(adjustment) ? 'none' : `url(#${filterId})`)

/** The filter itself; it must be on the page for `filterOf` to work. */
export function PictureFilter({ adjustment }: { adjustment: Adjustment }) {
  return (
    <svg className="sample-filter" aria-hidden="true">
      <filter id={filterId} colorInterpolationFilters="sRGB" x="0" y="0" width="1" height="1">
        {listFilterSteps(adjustment).map((step, i) => {
          if (step.kind === 'matrix') return <feColorMatrix key={i} type="matrix" values={step.values.join(' ')} />
          const way =
            step.kind === 'linear'
              ? { type: 'linear' as const, slope: step.slope, intercept: step.intercept }
              : { type: 'gamma' as const, amplitude: 1, exponent: step.exponent, offset: 0 }
          return (
            <feComponentTransfer key={i}>
              <feFuncR {...way} />
              <feFuncG {...way} />
              <feFuncB {...way} />
            </feComponentTransfer>
          )
        })}
      </filter>
    </svg>
  )
}
