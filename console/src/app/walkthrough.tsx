/** A minute that shows how a model is made, with nothing to load and no sound (S2). */
import Button from "@cloudscape-design/components/button";
import { type ReactNode, useEffect, useState } from "react";
import { useWords } from "../words/language.ts";
import { DrawnScene } from "./walkthrough-scenes.tsx";
import { sceneAt, SCENES, SECONDS, startOf } from "./walkthrough.ts";
import "./walkthrough.css";

const TICK_MS = 250;

export function Walkthrough(): ReactNode {
  const { landing } = useWords();
  const t = landing.walk;
  const [seconds, setSeconds] = useState(0);
  const [isPlaying, setPlaying] = useState(false);
  const isOver = seconds >= SECONDS;
  useEffect(() => {
    if (!isPlaying || isOver) return undefined;
    const timer = setInterval(() => setSeconds((now) => now + TICK_MS / 1000), TICK_MS);
    return () => clearInterval(timer);
  }, [isPlaying, isOver]);
  const scene = sceneAt(seconds);
  const press = (): void => {
    if (isOver) setSeconds(0);
    setPlaying(isOver || !isPlaying);
  };
  return (
    <div className="walk" data-playing={isPlaying && !isOver} data-testid="walkthrough">
      {/* Drawn anew for each scene, so that its motion begins at its beginning. */}
      <DrawnScene key={scene} scene={scene} />
      <div className="walk-side">
        <ol className="walk-scenes">
          {SCENES.map((each) => (
            <li key={each}>
              <button
                type="button"
                aria-current={each === scene ? "step" : undefined}
                onClick={() => setSeconds(startOf(each))}
              >
                {t.scenes[each].name}
              </button>
            </li>
          ))}
        </ol>
        <p className="walk-caption">{t.scenes[scene].text}</p>
        <div className="walk-controls">
          <Button
            iconName={isOver ? "redo" : isPlaying ? "pause" : "play"}
            onClick={press}
            data-testid="walkthrough-play"
          >
            {isOver ? t.again : isPlaying ? t.pause : t.play}
          </Button>
          <progress max={SECONDS} value={seconds} aria-label={t.progress} />
        </div>
      </div>
    </div>
  );
}
