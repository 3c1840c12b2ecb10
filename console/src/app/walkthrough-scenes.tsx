/** The six scenes of the walkthrough, drawn, so that nothing is fetched. */
import type { ReactNode } from "react";
import { useWords } from "../words/language.ts";
import type { Scene } from "./walkthrough.ts";

const FRUITS = ["apple", "pear", "plum", "pear", "apple", "plum", "apple", "pear"] as const;
const HUES = { apple: "#e2604f", pear: "#9ac54d", plum: "#a07bd8" } as const;
const HUE_OF_BOX = { apple: "#ffb454", pear: "#63d8a6", plum: "#8fb0ff" } as const;

const delay = (seconds: number) => ({ animationDelay: `${seconds}s` });

function Tiles({ labelled }: { readonly labelled: boolean }): ReactNode {
  const { landing } = useWords();
  return FRUITS.map((fruit, i) => {
    const [x, y] = [36 + (i % 4) * 124, 36 + Math.floor(i / 4) * 128];
    return (
      <g key={x + y * 1000} transform={`translate(${x} ${y})`}>
        <g className={labelled ? "" : "walk-drop"} style={delay(0.4 + i * 0.5)}>
          <rect width="112" height="84" rx="8" fill="#efe7d6" />
          <circle cx={40 + ((i * 17) % 36)} cy={36 + ((i * 11) % 16)} r="21" fill={HUES[fruit]} />
        </g>
        {labelled ? (
          <g className="walk-pop" style={delay(0.6 + i * 0.7)}>
            <rect y="91" width="64" height="20" rx="10" fill={HUE_OF_BOX[fruit]} />
            <text className="walk-tag" x="32" y="105" textAnchor="middle">
              {landing.walk.fruits[fruit]}
            </text>
          </g>
        ) : null}
      </g>
    );
  });
}

interface Boxed {
  readonly fruit: keyof typeof HUES;
  readonly x: number;
  readonly y: number;
  readonly r: number;
  readonly score: string;
}
const TABLE: readonly Boxed[] = [
  { fruit: "apple", x: 90, y: 96, r: 44, score: "98.2" },
  { fruit: "pear", x: 216, y: 150, r: 40, score: "95.7" },
  { fruit: "plum", x: 306, y: 82, r: 32, score: "91.4" },
];

function Table({ scores }: { readonly scores: boolean }): ReactNode {
  const { landing } = useWords();
  return (
    <>
      <rect width="380" height="220" rx="12" fill="#efe7d6" />
      {TABLE.map(({ fruit, x, y, r }) => (
        <circle key={fruit} cx={x} cy={y} r={r} fill={HUES[fruit]} />
      ))}
      {TABLE.map(({ fruit, x, y, r, score }, i) => (
        <g key={fruit}>
          <rect
            className={scores ? "walk-pop" : "walk-draw"}
            style={delay(scores ? 3.5 + i * 0.8 : 1 + i * 2.6)}
            x={x - r - 5}
            y={y - r - 5}
            width={2 * r + 10}
            height={2 * r + 10}
            pathLength="100"
            fill="none"
            stroke="#1b2238"
            strokeWidth="3"
            strokeDasharray={scores ? "6 4" : "100"}
          />
          <g className="walk-pop" style={delay(scores ? 3.8 + i * 0.8 : 2.6 + i * 2.6)}>
            <rect x={x - r - 6} y={y - r - 25} width={scores ? 92 : 58} height="20" rx="4" fill={HUE_OF_BOX[fruit]} />
            <text className="walk-tag" x={x - r + 1} y={y - r - 11}>
              {landing.walk.fruits[fruit]} {scores ? score : ""}
            </text>
          </g>
        </g>
      ))}
    </>
  );
}

function Training(): ReactNode {
  return (
    <g transform="translate(60 44)">
      <path d="M0 0V200H440" fill="none" stroke="#4a5675" strokeWidth="2" />
      <path
        className="walk-draw is-slow"
        pathLength="100"
        strokeDasharray="100"
        d="M6 12C60 150 90 158 150 170S320 188 434 190"
        fill="none"
        stroke="#ffb454"
        strokeWidth="4"
      />
      <path
        className="walk-draw is-slow"
        pathLength="100"
        strokeDasharray="100"
        d="M6 190C70 120 110 60 190 44S340 24 434 20"
        fill="none"
        stroke="#63d8a6"
        strokeWidth="4"
      />
      <rect y="222" width="440" height="10" rx="5" fill="#2a3350" />
      <rect className="walk-grow" y="222" width="440" height="10" rx="5" fill="#8fb0ff" />
    </g>
  );
}

function Check(): ReactNode {
  const { landing } = useWords();
  const rows = [
    ["apple", 0.97],
    ["pear", 0.93],
    ["plum", 0.88],
  ] as const;
  return (
    <g transform="translate(60 62)">
      {rows.map(([fruit, share], i) => (
        <g key={fruit} transform={`translate(0 ${i * 66})`}>
          <text className="walk-text" y="-6">
            {landing.walk.fruits[fruit]}
          </text>
          <rect width="360" height="26" rx="6" fill="#2a3350" />
          <rect className="walk-grow" style={delay(0.6 + i * 1.2)} width={360 * share} height="26" rx="6" fill={HUE_OF_BOX[fruit]} />
          <text className="walk-text walk-pop" style={delay(2.6 + i * 1.2)} x="374" y="19">
            {share.toFixed(2)}
          </text>
        </g>
      ))}
    </g>
  );
}

function Use(): ReactNode {
  return (
    <>
      <g transform="translate(20 30)">
        <rect width="284" height="36" rx="8" fill="#0a0f1f" />
        <text className="walk-code walk-type" x="12" y="23">
          client.detect_custom_labels(...)
        </text>
      </g>
      <g transform="translate(90 84) scale(0.98)">
        <Table scores />
      </g>
    </>
  );
}

const DRAWN: Readonly<Record<Scene, () => ReactNode>> = {
  pictures: () => <Tiles labelled={false} />,
  labels: () => <Tiles labelled />,
  boxes: () => (
    <g transform="translate(90 56)">
      <Table scores={false} />
    </g>
  ),
  training: () => <Training />,
  check: () => <Check />,
  use: () => <Use />,
};

export function DrawnScene({ scene }: { readonly scene: Scene }): ReactNode {
  const { landing } = useWords();
  return (
    <svg viewBox="0 0 560 320" role="img" aria-label={landing.walk.scenes[scene].name}>
      <rect width="560" height="320" rx="16" fill="#161c30" />
      {DRAWN[scene]()}
    </svg>
  );
}
