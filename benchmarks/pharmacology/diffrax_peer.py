"""diffrax on the same workload, in a Python of its own: reads a problem from stdin, writes seconds and values.

`OPENKAP_DIFFRAX_PYTHON` names a Python that has `diffrax`. Tsit5 under jit and vmap in double precision,
restarted at every start and stop of an infusion; the call that compiles is not counted.
"""

import json
import sys
import time
from typing import Any


def main() -> None:
    import diffrax  # noqa: PLC0415  only the peer's own Python has these
    import jax  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415
    from jax import numpy as jnp  # noqa: PLC0415

    jax.config.update("jax_enable_x64", True)
    asked = json.load(sys.stdin)
    pieces = [jnp.array(piece) for piece in asked["pieces"]]

    def slope(_time: Any, state: Any, given: Any) -> Any:
        (cl, v1, q2, v2, q3, v3, ka, clm, vm, fm), flow = given
        depot, one, two, three, metabolite = state
        absorbed, to_two, to_three = ka * depot, q2 * (one / v1 - two / v2), q3 * (one / v1 - three / v3)
        return jnp.array([
            -absorbed,
            absorbed + flow - cl / v1 * one - to_two - to_three,
            to_two,
            to_three,
            fm * cl / v1 * one - clm / vm * metabolite,
        ])  # fmt: skip

    def person(row: Any, amount: Any) -> Any:
        state, kept = jnp.zeros(5), []
        for times, flowing in zip(pieces, asked["flowing"], strict=True):
            solved = diffrax.diffeqsolve(
                diffrax.ODETerm(slope), diffrax.Tsit5(), times[0], times[-1], None, state,
                args=(row, flowing * amount),
                saveat=diffrax.SaveAt(ts=times),
                stepsize_controller=diffrax.PIDController(rtol=1e-10, atol=1e-13 * amount),
                max_steps=100_000,
            )  # fmt: skip
            state = solved.ys[-1]
            kept.append(jnp.stack([solved.ys[:-1, 1] / row[1], solved.ys[:-1, 4] / row[8]]))
        return jnp.concatenate(kept, axis=1)

    everybody = jax.jit(jax.vmap(person))
    rows, amounts = jnp.array(asked["parameters"]), jnp.array(asked["amounts"])
    found, seconds = everybody(rows, amounts).block_until_ready(), []
    for _ in range(asked["rounds"]):
        begun = time.process_time()
        found = everybody(rows, amounts).block_until_ready()
        seconds.append(time.process_time() - begun)
    values = np.asarray(found)[: asked["keep"]].tolist()
    json.dump({"seconds": seconds, "version": diffrax.__version__, "values": values}, sys.stdout)


if __name__ == "__main__":
    main()
