/** Frames of a video element as pictures. */

const QUALITY = 0.92;
/** Larger frames would not fit into a request. */
const MAX_SIDE = 1920;

/** The frame that is shown, as a JPEG file. */
export async function frameFile(video: HTMLVideoElement, name: string): Promise<File> {
  const { videoWidth, videoHeight } = video;
  const scale = Math.min(1, MAX_SIDE / Math.max(videoWidth, videoHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(videoWidth * scale));
  canvas.height = Math.max(1, Math.round(videoHeight * scale));
  canvas.getContext("2d")?.drawImage(video, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob>((resolve, reject) => {
    canvas.toBlob((made) => (made === null ? reject(new Error("canvas")) : resolve(made)), "image/jpeg", QUALITY);
  });
  return new File([blob], name, { type: "image/jpeg" });
}

/** Move a video to a moment; resolves when its frame is there. */
export function seek(video: HTMLVideoElement, seconds: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      video.removeEventListener("seeked", done);
      video.removeEventListener("error", failed);
      resolve();
    };
    const failed = (): void => {
      video.removeEventListener("seeked", done);
      video.removeEventListener("error", failed);
      reject(new Error(video.error?.message ?? "video"));
    };
    video.addEventListener("seeked", done);
    video.addEventListener("error", failed);
    video.currentTime = seconds;
  });
}
