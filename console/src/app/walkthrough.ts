/** The clock of the walkthrough: six scenes of ten seconds. */
export const SCENES = ["pictures", "labels", "boxes", "training", "check", "use"] as const;
export type Scene = (typeof SCENES)[number];

export const SCENE_SECONDS = 10;
export const SECONDS = SCENES.length * SCENE_SECONDS;

/** The scene at a time; the last one stays. */
export function sceneAt(seconds: number): Scene {
  const number = Math.min(Math.floor(seconds / SCENE_SECONDS), SCENES.length - 1);
  return SCENES[Math.max(number, 0)] ?? "pictures";
}

export const startOf = (scene: Scene): number => SCENES.indexOf(scene) * SCENE_SECONDS;
