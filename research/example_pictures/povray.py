"""Scene text for POV-Ray: primitives, smooth meshes, a camera that also projects, a renderer."""

from __future__ import annotations

import math
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image

HEADER = """#version 3.7;
global_settings { assumed_gamma 1.0 max_trace_level 4 %s }
#include "colors.inc"
#include "woods.inc"
#include "stones.inc"
#include "metals.inc"
"""
# Few samples, large error: soft indirect light in seconds, smoothed by the textures.
RADIOSITY = """radiosity { pretrace_start 0.08 pretrace_end 0.04 count 30 nearest_count 5
 error_bound 1.3 recursion_limit 1 low_error_factor 0.7 gray_threshold 0.3 minimum_reuse 0.02
 brightness 1 }"""


def vec(*values: float) -> str:
    return "<" + ",".join(f"{v:.4f}" for v in values) + ">"


def rgb(colour, factor: float = 1.0) -> str:
    """Return an sRGB colour (0 to 1) as POV-Ray's linear one."""
    return "rgb " + vec(*(max(c, 0) ** 2.2 * factor for c in colour))


def matte(colour, more: str = "") -> str:
    return f"texture {{ pigment {{ {rgb(colour)} }} finish {{ ambient 0 diffuse 0.8 {more} }} }}"


def gloss(colour, reflection: float = 0.08) -> str:
    return matte(
        colour, f"specular 0.5 roughness 0.01 reflection {{ {reflection} }} conserve_energy"
    )


def metal(colour=(0.75, 0.75, 0.77), reflection: float = 0.5) -> str:
    return (
        f"texture {{ pigment {{ {rgb(colour)} }} finish {{ ambient 0 diffuse 0.35 specular 0.8 "
        f"roughness 0.02 metallic reflection {{ {reflection} metallic }} }} }}"
    )


def glow(colour, strength: float = 1.0) -> str:
    return (
        f"texture {{ pigment {{ {rgb(colour)} }} finish {{ ambient 0 diffuse 0 "
        f"emission {strength} }} }}"
    )


GLASS = (
    "texture { pigment { rgbf <0.97,0.99,0.99,0.92> } finish { ambient 0 diffuse 0.05 specular 0.8 "
    "roughness 0.003 reflection { 0.08 } } }"
)


def box(a, b, texture: str, move: str = "") -> str:
    low = [min(p, q) for p, q in zip(a, b, strict=True)]
    high = [max(p, q) for p, q in zip(a, b, strict=True)]
    return f"box {{ {vec(*low)}, {vec(*high)} {texture} {move} }}\n"


def soft_box(a, b, texture: str, edge: float = 0.2, move: str = "") -> str:
    """Return a box whose edges are rounded, `edge` from 0.05 (sharp) to 1 (an ellipsoid)."""
    centre = [(p + q) / 2 for p, q in zip(a, b, strict=True)]
    half = [abs(q - p) / 2 for p, q in zip(a, b, strict=True)]
    return (
        f"superellipsoid {{ <{edge:.3f},{edge:.3f}> scale {vec(*half)} translate {vec(*centre)} "
        f"{texture} {move} }}\n"
    )


def cylinder(a, b, radius: float, texture: str, move: str = "") -> str:
    return f"cylinder {{ {vec(*a)}, {vec(*b)}, {radius:.4f} {texture} {move} }}\n"


def cone(a, ra: float, b, rb: float, texture: str, move: str = "") -> str:
    return f"cone {{ {vec(*a)}, {ra:.4f}, {vec(*b)}, {rb:.4f} {texture} {move} }}\n"


def open_cone(a, ra: float, b, rb: float, texture: str, move: str = "") -> str:
    return f"cone {{ {vec(*a)}, {ra:.4f}, {vec(*b)}, {rb:.4f} open {texture} {move} }}\n"


def sphere(centre, radius: float, texture: str, move: str = "") -> str:
    return f"sphere {{ {vec(*centre)}, {radius:.4f} {texture} {move} }}\n"


def torus(major: float, minor: float, texture: str, move: str = "") -> str:
    return f"torus {{ {major:.4f}, {minor:.4f} {texture} {move} }}\n"


def union(parts: str, move: str = "", texture: str = "") -> str:
    return f"union {{ {parts} {texture} {move} }}\n"


def difference(parts: str, texture: str = "", move: str = "") -> str:
    return f"difference {{ {parts} {texture} {move} }}\n"


def lathe(profile, texture: str, move: str = "") -> str:
    points = ",".join(vec(*p) for p in profile)
    return f"lathe {{ linear_spline {len(profile)}, {points} {texture} {move} }}\n"


def tube(points, radius: float, texture: str, move: str = "") -> str:
    """Return a bent tube through `points` (at least two)."""
    body = ",".join(f"{vec(*p)},{radius:.4f}" for p in points)
    return (
        f"sphere_sweep {{ linear_spline {len(points)}, {body} tolerance 0.01 {texture} {move} }}\n"
    )


def placed(parts: str, x: float = 0, y: float = 0, z: float = 0, turn: float = 0) -> str:
    return union(parts, f"rotate y*{turn:.2f} translate {vec(x, y, z)}")


def surface(points: np.ndarray, texture: str, move: str = "", closed: bool = False) -> str:
    """Return a smooth mesh over a grid of points (rows, columns, 3)."""
    rows, columns = points.shape[:2]
    du = np.gradient(points, axis=0)
    if closed:
        wide = np.concatenate([points[:, -2:-1], points, points[:, 1:2]], axis=1)
        dv = np.gradient(wide, axis=1)[:, 1:-1]
    else:
        dv = np.gradient(points, axis=1)
    normals = np.cross(du, dv).reshape(-1, 3)
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    normals = np.where(length > 1e-12, normals / np.maximum(length, 1e-12), (0.0, 1.0, 0.0))
    faces = []
    for r in range(rows - 1):
        for c in range(columns - 1):
            i = r * columns + c
            faces.append(f"<{i},{i + 1},{i + columns}>,<{i + 1},{i + columns + 1},{i + columns}>")
    return (
        f"mesh2 {{ vertex_vectors {{ {rows * columns}, "
        + ",".join(f"<{x:.4f},{y:.4f},{z:.4f}>" for x, y, z in points.reshape(-1, 3))
        + f" }} normal_vectors {{ {rows * columns}, "
        + ",".join(f"<{x:.3f},{y:.3f},{z:.3f}>" for x, y, z in normals)
        + f" }} face_indices {{ {2 * len(faces)}, {','.join(faces)} }} {texture} {move} }}\n"
    )


def light(place, colour, more: str = "") -> str:
    """Return a lamp; `colour` is linear and may exceed 1."""
    return f"light_source {{ {vec(*place)} rgb {vec(*colour)} {more} }}\n"


def area(u, v, n: int = 3) -> str:
    return f"area_light {vec(*u)}, {vec(*v)}, {n}, {n} adaptive 1 jitter"


@dataclass(frozen=True)
class Camera:
    """A pinhole camera; `angle` is the horizontal one in degrees."""

    place: tuple[float, float, float]
    target: tuple[float, float, float]
    angle: float = 65
    width: int = 640
    height: int = 480
    roll: float = 0
    blur: tuple[float, float, int] | None = None  # aperture, distance in focus, samples

    def scene(self) -> str:
        ratio = self.width / self.height
        blur = ""
        if self.blur is not None:
            aperture, distance, samples = self.blur
            place, target = np.array(self.place), np.array(self.target)
            ahead = (target - place) / np.linalg.norm(target - place)
            blur = (
                f"aperture {aperture:.4f} blur_samples {samples} "
                f"focal_point {vec(*(place + ahead * distance))} confidence 0.9 variance 1/64"
            )
        return (
            f"camera {{ perspective location {vec(*self.place)} right x*{ratio:.4f} up y "
            f"angle {self.angle:.2f} look_at {vec(*self.target)} {blur} }}\n"
        )

    def project(self, points: np.ndarray) -> np.ndarray:
        """Return pixels (n, 2) of points (n, 3) in front of the camera."""
        place = np.array(self.place)
        ahead = np.array(self.target) - place
        ahead /= np.linalg.norm(ahead)
        right = np.cross((0, 1, 0), ahead)
        right /= np.linalg.norm(right)
        up = np.cross(ahead, right)
        relative = np.asarray(points) - place
        depth = relative @ ahead
        scale = self.width / 2 / math.tan(math.radians(self.angle) / 2)
        return np.stack(
            [
                self.width / 2 + scale * (relative @ right) / depth,
                self.height / 2 - scale * (relative @ up) / depth,
            ],
            axis=1,
        )


def render(
    scene: str, camera: Camera, radiosity: bool = True, settings: str = "", antialias: float = 0.3
) -> Image.Image:
    """Trace a scene on one thread."""
    glob = (RADIOSITY if radiosity else "") + settings
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scene.pov"
        path.write_text(HEADER % glob + camera.scene() + scene)
        blurred = camera.blur is not None
        command = ["povray", f"+I{path}", f"+O{folder}/out.png", "-D", "-GA", "+WT1", "+FN8"]
        command += [f"+W{camera.width}", f"+H{camera.height}"]
        command += ["-A"] if blurred else [f"+A{antialias}", "+AM2", "+R2"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr[-1500:])
        return Image.open(f"{folder}/out.png").convert("RGB")


def tint(rng: Random, colour, amount: float = 0.06):
    """Return the colour (0 to 1), varied."""
    shift = rng.uniform(-amount, amount)
    return tuple(min(1.0, max(0.0, c + shift + rng.uniform(-amount, amount) / 2)) for c in colour)
