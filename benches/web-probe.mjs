// Put into the page by the bench of it: looks at what is drawn, frame by frame, as a person would. Times are of the page's own clock, ms.
;(() => {
  const limitMs = 15_000
  const all = (selector, from = document) => [...from.querySelectorAll(selector)]
  const numberOf = (text) => (text === undefined || text === null ? Number.NaN : Number(text.replaceAll(',', '')))

  const isInSight = (element) => {
    const { top, bottom, width } = element.getBoundingClientRect()
    return width > 0 && bottom > 0 && top < innerHeight
  }

  /** Samples of the query that the grid says it shows. */
  const readTotal = () =>
    numberOf(/^([\d,]+) samples?/.exec(document.querySelector('.grid-count')?.textContent ?? '')?.[1])
  const rowCounts = (from) =>
    all('.sidebar-row', from).map((row) =>
      numberOf(/^[\d,]+/.exec(row.querySelector('.sidebar-counts')?.textContent ?? '')?.[0]),
    )
  const sum = (numbers) => numbers.reduce((a, b) => a + b, 0)

  /** The parts of the sidebar that are open and in sight, by title, with the counts they show. */
  const readPanels = () => {
    const panels = new Map()
    for (const section of all('.sidebar-section')) {
      const title = section.querySelector('h2 button')?.textContent.replace(/^[▾▸]/, '') ?? ''
      if (title.startsWith('Fields')) continue
      const counts = rowCounts(section)
      if (isInSight(section) && counts.length > 0) panels.set(title, counts)
    }
    for (const field of all('.sidebar-field')) {
      if (!isInSight(field)) continue
      const title = field.querySelector('h3 button').textContent.replace(/^[▾▸]/, '')
      const said = field.querySelector('svg')?.getAttribute('aria-label')
      const shown = /; ([\d,]+) under the query$/.exec(said ?? '')?.[1]
      if (said !== undefined && said !== null) panels.set(title, [numberOf(shown)])
      else if (rowCounts(field).length > 0) panels.set(title, rowCounts(field))
      else if (field.querySelector('button[aria-expanded="true"]') !== null) panels.set(title, [Number.NaN])
    }
    return panels
  }
  /** Every sample has as many of these as it has: their counts do not add up to the samples. */
  const several = /^(Tags|Classes)/

  const readTiles = () => {
    const scroller = document.querySelector('.grid-scroller')
    if (scroller === null) return { share: 0, tiles: [] }
    const { top, bottom, left, right } = scroller.getBoundingClientRect()
    let covered = 0
    const tiles = []
    for (const tile of all('.grid-tile', scroller)) {
      if (tile.hidden) continue
      const box = tile.getBoundingClientRect()
      const w = Math.min(box.right, right) - Math.max(box.left, left)
      const h = Math.min(box.bottom, bottom) - Math.max(box.top, top)
      if (w <= 0 || h <= 0) continue
      covered += w * h
      tiles.push(tile)
    }
    return { share: covered / ((bottom - top) * (right - left)), tiles }
  }

  /** What is still to come until grid and sidebar show the same query, and all of it; null when nothing is. */
  const findStale = () => {
    const total = readTotal()
    if (Number.isNaN(total)) return 'the total is not known'
    if (document.querySelector('.grid-frame.is-old') !== null) return 'the grid shows the query before'
    const { share } = readTiles()
    if (total > 1000 && share < 0.8) return `tiles cover ${share.toFixed(2)} of the grid`
    const panels = readPanels()
    if (panels.size < 4) return `only ${panels.size} parts of the sidebar are there`
    for (const [title, counts] of panels) {
      if (counts.some((count) => Number.isNaN(count))) return `${title} waits for its counts`
      if (!several.test(title) && sum(counts) !== total) return `${title} shows ${sum(counts)} of ${total}`
    }
    return null
  }

  /** Resolves behind the frame in which `look` answers null; the time is that of when it had been painted. */
  const frameWhere = (look) =>
    new Promise((resolve, reject) => {
      const end = performance.now() + limitMs
      const check = () => {
        const waitsFor = look()
        if (waitsFor === null) setTimeout(() => resolve(performance.now()), 0)
        else if (performance.now() > end) reject(new Error(`After ${limitMs} ms: ${waitsFor}.`))
        else requestAnimationFrame(check)
      }
      requestAnimationFrame(check)
    })
  /** When the next event of a kind was made; its work is done behind this. */
  const eventTime = (kind) =>
    new Promise((resolve, reject) => {
      addEventListener(kind, (event) => resolve(event.timeStamp), { capture: true, once: true, passive: true })
      setTimeout(() => reject(new Error(`After ${limitMs} ms: no ${kind} came.`)), limitMs)
    })

  let begun
  const probe = {
    /** Begins a measurement that waits for an event of the user; `end` answers it. */
    begin(what) {
      begun = probe[what]()
      // Told by `end`.
      begun.catch(() => {})
    },
    end: () => begun,

    /** Since the page was asked for: the first picture beside a sidebar with counts, and everything in sight. */
    async loaded() {
      const firstAt = await frameWhere(() => {
        if (!readTiles().tiles.some((tile) => tile.classList.contains('is-loaded'))) return 'no picture is there'
        const isCounted = [...readPanels().values()].some((counts) => counts.every((count) => !Number.isNaN(count)))
        return isCounted ? null : 'the sidebar shows no counts'
      })
      const allAt = await frameWhere(() => {
        const stale = findStale()
        if (stale !== null) return stale
        const waiting = readTiles().tiles.filter((tile) => !tile.classList.contains('is-loaded')).length
        return waiting === 0 ? null : `${waiting} pictures are not there`
      })
      const scripts = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js'))
      return { firstAt, allAt, panels: [...readPanels().keys()], scripts: scripts.map(({ name }) => name) }
    },

    /** From the next movement of the pointer until every panel in sight shows another query, ms. */
    async brushed() {
      const before = { address: location.search, total: readTotal(), panels: readPanels() }
      const start = await eventTime('pointermove')
      const end = await frameWhere(() => {
        if (location.search === before.address) return 'the query is as before'
        if (readTotal() === before.total) return 'the total is as before'
        const stale = findStale()
        if (stale !== null) return stale
        for (const [title, counts] of readPanels())
          if (several.test(title) && before.panels.get(title)?.join() === counts.join()) return `${title} is as before`
        return null
      })
      return end - start
    },

    /** Resolves when nothing is to come. */
    rested: () => frameWhere(findStale, limitMs),

    /** Where the histogram of a field is, scrolled into sight. */
    plot(name) {
      const field = all('.sidebar-field').find((one) => one.querySelector('h3').textContent.includes(name))
      const plot = field.querySelector('.sidebar-plot')
      plot.scrollIntoView({ block: 'nearest' })
      const { left, top, width, height } = plot.getBoundingClientRect()
      return { left, top, width, height }
    },

    /** Looks at every frame from now on, until `stopFrames`. */
    watchFrames() {
      const watch = { lastFull: performance.now(), longestMs: 0, frames: 0, empty: 0, isOver: false }
      const look = () => {
        if (watch.isOver) return
        watch.frames++
        const now = performance.now()
        if (readTiles().share >= 0.5) {
          watch.longestMs = Math.max(watch.longestMs, now - watch.lastFull)
          watch.lastFull = now
        } else watch.empty++
        requestAnimationFrame(look)
      }
      requestAnimationFrame(look)
      probe.watch = watch
    },
    stopFrames() {
      const { watch } = probe
      watch.isOver = true
      const longestMs = Math.max(watch.longestMs, performance.now() - watch.lastFull)
      return { longestMs, frames: watch.frames, empty: watch.empty }
    },

    /** The first item in sight, and how many there are in a row. */
    place() {
      const { tiles } = readTiles()
      const items = tiles.map((tile) => Number(tile.getAttribute('aria-posinset')))
      const rows = new Set(tiles.map((tile) => Math.round(tile.getBoundingClientRect().top))).size
      return {
        first: Math.min(...items),
        perRow: tiles.length / rows,
        count: Number(tiles[0].getAttribute('aria-setsize')),
      }
    },

    /** Moves the scroll bar to a share of its way, a step each frame. */
    async dragScrollBar(share, ms) {
      const scroller = document.querySelector('.grid-scroller')
      const from = scroller.scrollTop
      const to = (scroller.scrollHeight - scroller.clientHeight) * share
      const start = performance.now()
      for (;;) {
        const now = await new Promise((resolve) => requestAnimationFrame(resolve))
        const part = Math.min(1, (now - start) / ms)
        scroller.scrollTop = from + (to - from) * part
        if (part === 1) return
      }
    },

    /** From now until all pictures in sight are there, ms. */
    async pictured() {
      const start = performance.now()
      const end = await frameWhere(() =>
        readTiles().tiles.every((tile) => tile.classList.contains('is-loaded')) ? null : 'pictures are missing',
      )
      return end - start
    },

    /** From the next key until the sample view shows another sample, its picture in full. */
    async stepped() {
      const read = () => [
        document.querySelector('.sample-position')?.textContent,
        document.querySelector('.sample-heading h1')?.textContent,
      ]
      const before = read()
      const start = await eventTime('keydown')
      const end = await frameWhere(() => {
        const now = read()
        if (now[0] === before[0] || now[1] === before[1] || now[1] === undefined || !now[1].endsWith('.jpg'))
          return 'it shows the sample before'
        return document.querySelector('.sample-waiting, .sample-coming') === null ? null : 'the picture is not there'
      })
      return end - start
    },

    /** From the next key until the toolbar says that all are selected. */
    async selectedAll() {
      const start = await eventTime('keydown')
      const end = await frameWhere(() => {
        const selected = numberOf(/^[\d,]+/.exec(document.querySelector('.grid-count strong')?.textContent ?? '')?.[0])
        return selected === readTotal() ? null : 'not all are selected'
      })
      return end - start
    },
  }
  window.probe = probe
})()
