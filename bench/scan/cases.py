"""The scans of the benchmark: shapes, variations, their text and their counts."""
import os
import string
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))


@dataclass(frozen=True)
class Case:
    """One call of ssm.selective_scan with D, delta_bias and softplus."""

    name: str
    batch: int
    dim: int
    seqlen: int
    type: str = "bf16"
    dstate: int = 16
    gate: bool = True
    states: bool = False  # an initial state, and the last one as a result
    packed: bool = False  # the batch as sequences behind each other
    near: str = ""  # the benchmark shape that the time is predicted from

    @property
    def shape(self):
        return f"{self.batch}, {self.dim}, {self.seqlen}"

    def elements(self):
        return self.batch * self.dim * self.seqlen

    def special_functions(self):
        """A decay a state; softplus and, with z, SiLU take two each."""
        return self.elements() * (self.dstate + 2 + (2 if self.gate else 0))

    def bytes(self):
        """Each tensor once: u, delta, out and z, B and C, A and the states."""
        size = 4 if self.type == "f32" else 2
        activations = self.elements() * (4 if self.gate else 3)
        matrices = 2 * self.batch * self.seqlen * self.dstate
        states = self.dim * self.dstate * (1 + (2 * self.batch if self.states else 0))
        return size * (activations + matrices) + 4 * states

    def floor_us(self, ceilings):
        """What bytes or special functions take at least."""
        return 1e6 * max(self.bytes() / ceilings["bytes_per_s"],
                         self.special_functions() / ceilings["special_functions_per_s"])

    def assumed(self):
        """Sizes for --assume: a packed scan has all steps in one row."""
        return {"batch": self.batch, "seqlen": self.seqlen * (self.batch if self.packed else 1)}

    def dims(self, longest=None):
        """Sizes for --dims, of sequences cut to `longest`; odd ones stay odd."""
        length = self.seqlen
        if longest and length > longest:
            length = longest + (length - longest) % 2
        if self.packed:
            return {"seqlen": length * self.batch, "bounds": self.batch + 1}
        return {"batch": self.batch, "seqlen": length}

    def mlir(self):
        arguments, operands, gate = "", "", ""
        if self.gate:
            gate = " z(%z : !activation)"
            arguments += ",\n    %z: !activation {ssm.name = \"z\", ssm.dims = [${dims}]}"
        if self.states:
            operands += "\n      initial_state(%initial_state : !state)"
            arguments += ",\n    %initial_state: !state {ssm.name = \"initial_state\", ssm.dims = [\"batch\"]}"
        if self.packed:
            operands += "\n      cu_seqlens(%cu_seqlens : tensor<?xi32>)"
            arguments += ",\n    %cu_seqlens: tensor<?xi32> {ssm.name = \"cu_seqlens\", ssm.dims = [\"bounds\"]}"
        dims = '"seqlen"' if self.packed else '"batch", "seqlen"'
        with open(os.path.join(HERE, "scan.mlir.in"), encoding="utf-8") as file:
            template = string.Template(file.read())
        return template.substitute(
            title=self.name, batch=1 if self.packed else "?", dim=self.dim, dstate=self.dstate,
            type=self.type, dims=dims, gate=gate, operands=operands,
            arguments=string.Template(arguments).substitute(dims=dims),
            results=", !state {ssm.name = \"last_state\", ssm.dims = [\"batch\"]}" if self.states else "",
            more=", %last_state" if self.states else "", types=", !state" if self.states else "")


def main_cases(peer):
    """The shapes that the peer has recorded times of, in that order."""
    return [Case(str(number), it["batch"], it["dim"], it["seqlen"])
            for number, it in enumerate(peer["times"], 1)]


# What the middle of the benchmark's shapes becomes with one thing changed.
_NEAR = {"batch": 8, "dim": 2048, "seqlen": 2048, "near": "3"}
VARIATIONS = [
    Case("f32", **_NEAR, type="f32"),
    *(Case(f"dstate-{dstate}", **_NEAR, dstate=dstate) for dstate in (4, 8, 32, 64, 128)),
    Case("no-z", **_NEAR, gate=False),
    Case("states", **_NEAR, states=True),
    Case("packed", **_NEAR, packed=True),
    Case("odd-seqlen", **{**_NEAR, "seqlen": 2045}),
    Case("odd-dim", **{**_NEAR, "dim": 2047}),
    Case("long", 1, 64, 1048576, near="10"),
]
