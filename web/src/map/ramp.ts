type Triple = readonly [number, number, number]

/** Six stops of viridis (Smith & van der Walt 2015). */
const stops = ['#440154', '#414487', '#2a788e', '#22a884', '#7ad151', '#fde725']

/** OKLab (Ottosson 2020) of a colour #rrggbb; L is 0..1. */
export function toOklab(hex: string): Triple {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  const l = Math.cbrt(0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b)
  const m = Math.cbrt(0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b)
  const s = Math.cbrt(0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b)
  return [
    0.210_454_255_3 * l + 0.793_617_785 * m - 0.004_072_046_8 * s,
    1.977_998_495_1 * l - 2.428_592_205 * m + 0.450_593_709_9 * s,
    0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766 * s,
  ]
}

function toHex([lightness, a, b]: Triple): string {
  const l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b) ** 3
  const m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b) ** 3
  const s = (lightness - 0.089_484_177_5 * a - 1.291_485_548 * b) ** 3
  const linear = [
    4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
    -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
    -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s,
  ]
  return `#${linear
    .map((part) => {
      const kept = Math.min(1, Math.max(0, part))
      const coded = kept <= 0.003_130_8 ? kept * 12.92 : 1.055 * kept ** (1 / 2.4) - 0.055
      return Math.round(coded * 255)
        .toString(16)
        .padStart(2, '0')
    })
    .join('')}`
}

const distance = (a: Triple, b: Triple): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])
const between = (a: Triple, b: Triple, share: number): Triple => [
  a[0] + share * (b[0] - a[0]),
  a[1] + share * (b[1] - a[1]),
  a[2] + share * (b[2] - a[2]),
]

/** Colours from low to high in steps that look alike: equal distances in OKLab along the stops of viridis. */
export function makeRamp(count: number): string[] {
  const path = stops.map(toOklab)
  const lengths = path.slice(1).map((stop, i) => distance(path[i]!, stop))
  const whole = lengths.reduce((sum, length) => sum + length, 0)
  return Array.from({ length: count }, (_, n) => {
    let along = (n / Math.max(1, count - 1)) * whole
    let i = 0
    while (i < lengths.length - 1 && along > lengths[i]!) along -= lengths[i++]!
    return toHex(between(path[i]!, path[i + 1]!, along / lengths[i]!))
  })
}
