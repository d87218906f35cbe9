import type { Exif } from 'sharp'
import type { Rng } from '#base'

/** A camera over one of the lines of the factory, with its habits. Makes and models are invented. */
export interface Camera {
  make: string
  model: string
  /** Share of the tiles that pass under it. */
  share: number
  apertures: readonly number[]
  focalLengthMm: number
  isos: readonly number[]
  /** Exposure time at the middle exposure, s. */
  shutterSeconds: number
  /** Brightness against the others; 1 is as they are. */
  gain: number
  /** Deviation of the noise at full light, grey levels of 255. */
  noise: number
  jpegQualities: readonly number[]
  /** Where it hangs, degrees; north and east. */
  latitude: number
  longitude: number
}

export const cameras: readonly Camera[] = [
  {
    make: 'Halden Optics',
    model: 'HX-120M',
    share: 0.34,
    apertures: [5.6, 5.6, 8],
    focalLengthMm: 35,
    isos: [100, 100, 200],
    shutterSeconds: 1 / 250,
    gain: 1,
    noise: 1.3,
    jpegQualities: [92, 95, 97],
    latitude: 51.48131,
    longitude: 7.21642,
  },
  {
    make: 'Halden Optics',
    model: 'HX-200M',
    share: 0.27,
    apertures: [4, 5.6],
    focalLengthMm: 50,
    isos: [200, 200, 400],
    shutterSeconds: 1 / 320,
    gain: 1,
    noise: 1.6,
    jpegQualities: [90, 94],
    latitude: 51.48146,
    longitude: 7.21688,
  },
  {
    make: 'Brenner',
    model: 'LineEye 4',
    share: 0.23,
    apertures: [8, 11],
    focalLengthMm: 25,
    isos: [400, 800],
    shutterSeconds: 1 / 125,
    gain: 1.12,
    noise: 2,
    jpegQualities: [85, 90],
    latitude: 51.48152,
    longitude: 7.21719,
  },
  {
    make: 'Ostrava Vision',
    model: 'OV-M16',
    share: 0.16,
    apertures: [2.8, 4],
    focalLengthMm: 16,
    isos: [100, 200],
    shutterSeconds: 1 / 500,
    gain: 1,
    noise: 1.8,
    jpegQualities: [78, 85, 92],
    latitude: 51.48119,
    longitude: 7.21731,
  },
]

export function drawCamera(rng: Rng): Camera {
  let left = rng.next()
  return cameras.find(({ share }) => (left -= share) < 0) ?? cameras[0]!
}

/** First day of the six weeks in which the pictures were taken: a Monday, midnight at the factory (UTC+1). */
const firstDayMs = Date.UTC(2024, 0, 8) - 3_600_000
const dayMs = 86_400_000

/** A moment of one of the two weekday shifts (06:00 to 22:00) of six weeks, ms since the Unix epoch, UTC. */
export function drawMoment(rng: Rng): number {
  const day = 7 * rng.integer(0, 5) + rng.integer(0, 4)
  return firstDayMs + day * dayMs + Math.floor(rng.uniform(6 * 3600, 22 * 3600)) * 1000
}

export interface Settings {
  aperture: number
  iso: number
  shutterSeconds: number
}

/**
 * EXIF of one picture, in libvips' notation: IFD0 is the image, IFD2 the exposure (Exif), IFD3 the place (GPS).
 * Time is written as the factory's clock showed it, with its offset.
 */
export function describeExif(camera: Camera, { aperture, iso, shutterSeconds }: Settings, momentMs: number): Exif {
  const [date, time] = new Date(momentMs + 3_600_000).toISOString().slice(0, 19).split('T') as [string, string]
  const local = `${date.replaceAll('-', ':')} ${time}`
  return {
    IFD0: { Make: camera.make, Model: camera.model, Software: 'fovea demo', DateTime: local },
    IFD2: {
      DateTimeOriginal: local,
      OffsetTimeOriginal: '+01:00',
      FNumber: `${Math.round(aperture * 10)}/10`,
      ExposureTime: `1/${Math.round(1 / shutterSeconds)}`,
      ISOSpeedRatings: String(iso),
      FocalLength: `${camera.focalLengthMm}/1`,
    },
    IFD3: {
      GPSLatitudeRef: 'N',
      GPSLatitude: sexagesimal(camera.latitude),
      GPSLongitudeRef: 'E',
      GPSLongitude: sexagesimal(camera.longitude),
    },
  }
}

/** Degrees, minutes and seconds as three rationals; seconds to a hundredth (0.3 m). */
function sexagesimal(degrees: number): string {
  const hundredths = Math.round(degrees * 360_000)
  return `${Math.floor(hundredths / 360_000)}/1 ${Math.floor(hundredths / 6000) % 60}/1 ${hundredths % 6000}/100`
}
