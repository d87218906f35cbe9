import { createStore, type Store } from '../shell/store.ts'
import { centreOn, fitPicture, panBy, resizeStage, stepScale, zoomAt, type PicturePlace, type Size } from './place.ts'

/** Where the picture lies on the stage, shared by both sides of a comparison; drawing follows it without rendering anew. */
export interface Camera {
  store: Store<CameraState>
  setPicture(picture: Size): void
  setStage(stage: Size): void
  fit(): void
  /** About the middle of the stage. */
  zoomTo(scale: number): void
  step(direction: 1 | -1): void
  zoomBy(factor: number, atX: number, atY: number): void
  pan(dx: number, dy: number): void
  centre(px: number, py: number): void
  /** Fills two thirds of the stage with a part of the picture. */
  showPart(part: { x: number; y: number; w: number; h: number }): void
}

export interface CameraState {
  place: PicturePlace
  stage: Size
  picture: Size
  /** Whether the picture is to fit whatever size the stage has. */
  isFitted: boolean
}

export function createCamera(): Camera {
  const store = createStore<CameraState>({
    place: { scale: 1, x: 0, y: 0 },
    stage: { w: 0, h: 0 },
    picture: { w: 1, h: 1 },
    isFitted: true,
  })
  const move = (next: (state: CameraState) => PicturePlace): void =>
    store.set((state) => ({ ...state, place: next(state), isFitted: false }))
  const zoomTo = (scale: number): void =>
    move(({ place, stage, picture }) => zoomAt(place, scale, stage.w / 2, stage.h / 2, stage, picture))
  return {
    store,
    zoomTo,
    setPicture(picture) {
      store.set((state) => {
        if (state.picture.w === picture.w && state.picture.h === picture.h) return state
        // Frames of one camera have one size: the view stays where it is, so they can be compared.
        return { ...state, picture, place: fitPicture(state.stage, picture), isFitted: true }
      })
    },
    setStage(stage) {
      store.set((state) => {
        if (state.stage.w === stage.w && state.stage.h === stage.h) return state
        const place = state.isFitted
          ? fitPicture(stage, state.picture)
          : resizeStage(state.place, state.stage, stage, state.picture)
        return { ...state, stage, place }
      })
    },
    fit: () => store.set((state) => ({ ...state, place: fitPicture(state.stage, state.picture), isFitted: true })),
    step: (direction) => zoomTo(stepScale(store.get().place.scale, direction)),
    zoomBy: (factor, atX, atY) =>
      move(({ place, stage, picture }) => zoomAt(place, place.scale * factor, atX, atY, stage, picture)),
    pan: (dx, dy) => move(({ place, stage, picture }) => panBy(place, dx, dy, stage, picture)),
    centre: (px, py) => move(({ place, stage, picture }) => centreOn(place, px, py, stage, picture)),
    showPart: ({ x, y, w, h }) =>
      move(({ place, stage, picture }) => {
        const fitting = Math.min((stage.w * 0.66) / Math.max(1, w), (stage.h * 0.66) / Math.max(1, h), 16)
        const scaled = zoomAt(place, fitting, stage.w / 2, stage.h / 2, stage, picture)
        return centreOn(scaled, x + w / 2, y + h / 2, stage, picture)
      }),
  }
}
