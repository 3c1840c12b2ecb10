import type { ReactNode } from "react";
import { useWords } from "../words/language.ts";

interface Found {
  readonly name: string;
  readonly confidence: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly className: string;
}

function Frame({ found, order }: { readonly found: Found; readonly order: number }): ReactNode {
  const { x, y, width, height } = found;
  const label = `${found.name} ${found.confidence}`;
  const tag = 16 + [...label].reduce((sum, one) => sum + (one.charCodeAt(0) > 255 ? 12 : 6.6), 0);
  return (
    <g className={`found found-${order} ${found.className}`}>
      <rect className="found-box" x={x} y={y} width={width} height={height} rx="4" />
      <rect className="found-tag" x={x - 1} y={y - 23} width={tag} height="20" rx="4" />
      <text className="found-text" x={x + 7} y={y - 9}>
        {label}
      </text>
    </g>
  );
}

/** A gear with twelve teeth as a path around (0, 0). */
function gear(teeth: number, outer: number, inner: number): string {
  const points: string[] = [];
  for (let tooth = 0; tooth < teeth; tooth += 1) {
    for (const [offset, radius] of [[0.05, inner], [0.15, outer], [0.5, outer], [0.6, inner]] as const) {
      const angle = ((tooth + offset) / teeth) * 2 * Math.PI;
      points.push(`${(Math.cos(angle) * radius).toFixed(1)} ${(Math.sin(angle) * radius).toFixed(1)}`);
    }
  }
  return `M${points.join("L")}Z`;
}

/** A workbench with three parts, which are found one after another. Drawn, so nothing is fetched. */
export function Picture(): ReactNode {
  const { landing } = useWords();
  const { detected } = landing;
  return (
    <svg className="picture" viewBox="0 0 560 360" role="img" aria-label={landing.picture}>
      <defs>
        <linearGradient id="bench" x1="0" y1="0" x2="1" y2="1">
          <stop offset="0" stopColor="#2a3350" />
          <stop offset="1" stopColor="#161c30" />
        </linearGradient>
        <linearGradient id="steel" x1="0" y1="0" x2="1" y2="1">
          <stop offset="0" stopColor="#dfe6f5" />
          <stop offset="0.5" stopColor="#98a5c2" />
          <stop offset="1" stopColor="#5f6c8d" />
        </linearGradient>
        <linearGradient id="brass" x1="0" y1="0" x2="1" y2="1">
          <stop offset="0" stopColor="#ffd898" />
          <stop offset="1" stopColor="#c67f2b" />
        </linearGradient>
        <radialGradient id="glass" cx="0.35" cy="0.3" r="0.9">
          <stop offset="0" stopColor="#d9fbff" />
          <stop offset="0.45" stopColor="#6fb7e8" />
          <stop offset="1" stopColor="#20437f" />
        </radialGradient>
      </defs>
      <rect width="560" height="360" rx="16" fill="url(#bench)" />
      <g stroke="#ffffff" strokeOpacity="0.05">
        {[60, 120, 180, 240, 300].map((y) => (
          <path key={y} d={`M0 ${y}H560`} />
        ))}
        {[80, 160, 240, 320, 400, 480].map((x) => (
          <path key={x} d={`M${x} 0V360`} />
        ))}
      </g>
      <g transform="translate(150 150)">
        <ellipse cx="8" cy="12" rx="76" ry="74" fill="#000" opacity="0.25" />
        <path d={gear(14, 76, 61)} fill="url(#steel)" />
        <circle r="45" fill="none" stroke="#4a5675" strokeWidth="2" />
        <circle r="20" fill="#1b2238" />
        <circle r="20" fill="none" stroke="#eef2fb" strokeOpacity="0.6" strokeWidth="2" />
      </g>
      <g transform="translate(398 212)">
        <ellipse cx="10" cy="14" rx="88" ry="86" fill="#000" opacity="0.28" />
        <circle r="86" fill="url(#brass)" />
        <circle r="70" fill="#141a2c" />
        <circle r="62" fill="url(#glass)" />
        <path d="M-38 -26A46 46 0 0 1 4 -48" fill="none" stroke="#fff" strokeOpacity="0.8" strokeWidth="7" strokeLinecap="round" />
        <circle cx="26" cy="30" r="7" fill="#fff" opacity="0.18" />
      </g>
      <g transform="translate(196 290) rotate(-14)">
        <rect x="-58" y="4" width="112" height="14" rx="6" fill="#000" opacity="0.25" />
        <path d="M-40 -8H46L60 0L46 8H-40Z" fill="url(#steel)" />
        <path d="M-28 -8l6 16M-16 -8l6 16M-4 -8l6 16M8 -8l6 16M20 -8l6 16M32 -8l6 16" stroke="#4a5675" strokeWidth="2.4" />
        <rect x="-60" y="-17" width="20" height="34" rx="5" fill="url(#steel)" />
      </g>
      <Frame order={1} found={{ name: detected.gear, confidence: "99.1", x: 68, y: 68, width: 164, height: 164, className: "hue-amber" }} />
      <Frame order={2} found={{ name: detected.lens, confidence: "97.8", x: 306, y: 120, width: 184, height: 184, className: "hue-blue" }} />
      <Frame order={3} found={{ name: detected.screw, confidence: "94.3", x: 130, y: 260, width: 132, height: 58, className: "hue-green" }} />
    </svg>
  );
}
