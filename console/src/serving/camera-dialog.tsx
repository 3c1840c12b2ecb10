import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useWords } from "../words/language.ts";
import { frameFile } from "./frames.ts";

type Trouble = "refused" | "missing" | "insecure";

const troubleOf = (error: unknown): Trouble =>
  error instanceof DOMException && error.name === "NotAllowedError" ? "refused" : "missing";

/** Take pictures with the camera; each is given on when the button is pressed. */
export function CameraDialog(props: {
  readonly onTake: (file: File) => void;
  readonly onClose: () => void;
}): ReactNode {
  const { serving, shell } = useWords();
  const t = serving.try;
  const video = useRef<HTMLVideoElement>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [isLive, setLive] = useState(false);
  const [count, setCount] = useState(0);
  useEffect(() => {
    let stream: MediaStream | null = null;
    let isOver = false;
    const begin = async (): Promise<void> => {
      // Browsers give the camera to pages of this machine and of TLS only.
      if (!window.isSecureContext) return setTrouble("insecure");
      try {
        const given = await navigator.mediaDevices.getUserMedia({
          audio: false,
          video: { width: { ideal: 1280 }, facingMode: { ideal: "environment" } },
        });
        if (isOver) return given.getTracks().forEach((track) => track.stop());
        stream = given;
        if (video.current !== null) video.current.srcObject = given;
      } catch (error) {
        setTrouble(troubleOf(error));
      }
    };
    void begin();
    return () => {
      isOver = true;
      stream?.getTracks().forEach((track) => track.stop());
    };
  }, []);
  const take = async (): Promise<void> => {
    if (video.current === null) return;
    props.onTake(await frameFile(video.current, `${t.cameraName}-${count + 1}.jpg`));
    setCount(count + 1);
  };
  return (
    <Modal
      visible
      size="large"
      header={t.camera}
      closeAriaLabel={shell.close}
      onDismiss={props.onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={props.onClose}>
              {shell.close}
            </Button>
            <Button variant="primary" disabled={!isLive} onClick={() => void take()} data-testid="take-picture">
              {t.take}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      {trouble === null ? (
        <SpaceBetween size="s">
          {/* A live picture of what is before the camera has no captions. */}
          {/* oxlint-disable-next-line jsx-a11y/media-has-caption */}
          <video
            ref={video}
            className="camera"
            autoPlay
            playsInline
            muted
            aria-label={t.camera}
            onLoadedData={() => setLive(true)}
          />
          <Box color="text-body-secondary">{count === 0 ? t.cameraHint : t.taken(count)}</Box>
        </SpaceBetween>
      ) : (
        <Alert type="warning">{t.cameraTrouble[trouble]}</Alert>
      )}
    </Modal>
  );
}
