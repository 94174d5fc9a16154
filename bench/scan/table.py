"""What scan.py measured, as Markdown."""
import math

RULE = """Predicted: the time of the near shape, times the larger of the variation's two floors over the larger of
that shape's: bytes (each tensor once) at {bytes_per_s:.3g} a second, and special functions at
{special_functions_per_s:.3g} a second: dstate + 4 an element, dstate + 2 without z. So what moves more bytes or takes more
special functions than a benchmark shape is expected to take longer in proportion, and no more than that."""


def number(value, digits):
    return "-" if value is None else f"{value:,.{digits}f}"


def quotient(a, b):
    return a / b if a and b else None


def percent(row):
    """The floor as a percentage of the median."""
    share = quotient(row["floor_us"], row["median_us"])
    return number(100 * share if share else None, 0)


def table(heads, rows):
    """Words to the left, numbers to the right."""
    lines = ["| " + " | ".join(heads) + " |"]
    numbers = [any(row[i][:1].isdigit() for row in rows) and i not in (0, 1, len(heads) - 1)
               for i in range(len(heads))]
    lines.append("|" + "|".join("--:" if it else "---" for it in numbers) + "|")
    lines += ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows]
    return lines


def header(results):
    place = ", ".join(it for it in (results["device"], results["driver"]) if it)
    lines = [f"{place or 'no device'}; {results['date']}; commit {results['commit'] or 'unknown'}.",
             "Medians in µs; bf16, dstate 16, with D, z, delta_bias and softplus unless a line says otherwise."]
    if results["longest"]:
        lines.append(f"Sequences were cut to {results['longest']} steps: a trial of this command, not the benchmark.")
    return lines


def peer_lines(peer, device):
    lines = []
    if any(row["peer_from"] == "this run" for row in peer["rows"]):
        lines.append(f"Peer: {peer['kernel']}, {peer['measured_versions']}, measured in this run; {peer['method']}.")
    if any(row["peer_from"] == "recorded" for row in peer["rows"]):
        lines.append(f"Peer: {peer['kernel']}, recorded {peer['date']} on {peer['device']} ({peer['driver']}; "
                     f"{peer['versions']}); {peer['method']}.")
        if device != peer["device"]:
            lines.append(f"**The recorded times are of another device**, {peer['device']}.")
    return lines


def summary(rows):
    """The geometric mean of what the peer takes longer, and where that is least."""
    ratios = [(quotient(row["peer_us"], row["median_us"]), row["shape"]) for row in rows]
    ratios = [it for it in ratios if it[0]]
    if not ratios:
        return "No peer / ours: nothing was measured that the peer has a time for."
    mean = math.exp(sum(math.log(ratio) for ratio, _ in ratios) / len(ratios))
    least = min(ratios)
    return (f"peer / ours: geometric mean {mean:.2f} over {len(ratios)} shape{'s' * (len(ratios) > 1)}, "
            f"least {least[0]:.2f} at {least[1]}.")


def state_of(row):
    return f"{row['verified']}; {row['error']}" if row["error"] and row["median_us"] else row["error"] or row["verified"]


def main_table(rows):
    heads = ["#", "batch, dim, seqlen", "ours", "peer", "floor", "peer / ours", "% of floor", "variant", "verified"]
    return table(heads, [[
        row["name"], row["shape"], number(row["median_us"], 1), number(row["peer_us"], 1), number(row["floor_us"], 1),
        number(quotient(row["peer_us"], row["median_us"]), 2),
        percent(row), row["variant"] or "-", state_of(row)] for row in rows])


def variations_table(rows):
    heads = ["variation", "batch, dim, seqlen", "ours", "predicted", "ours / predicted", "near", "10^6 bytes",
             "10^6 special", "floor", "% of floor", "variant", "verified"]
    return table(heads, [[
        row["name"], row["shape"], number(row["median_us"], 1), number(row["predicted_us"], 1),
        number(quotient(row["median_us"], row["predicted_us"]), 2), row["near"], number(row["bytes"] / 1e6, 0),
        number(row["special_functions"] / 1e6, 0), number(row["floor_us"], 1),
        percent(row), row["variant"] or "-", state_of(row)] for row in rows])


def markdown(results, peer):
    """The whole page. `peer` is peer.json with what was measured."""
    lines = header(results)
    if results["main"]:
        lines += peer_lines({**peer, "rows": results["main"]}, results["device"])
        lines += ["", *main_table(results["main"]), "", summary(results["main"])]
    if results["variations"]:
        lines += ["", "Variations of a near shape, which is a number of the first table.",
                  *RULE.format(**peer["ceilings"]).splitlines(), "", *variations_table(results["variations"])]
    return "\n".join(lines) + "\n"
