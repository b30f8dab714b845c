"""The file of results that bench/README.md describes, from plain numbers: needs neither torch nor numpy."""

import datetime
import json
import math
import os
import pathlib
import platform
import shlex
import sys

SCHEMA, VERSION = "voiceprint-bench", 1
FRAME_SAMPLES, SHIFT_SAMPLES, RATE = 400, 160, 16000


def frames(seconds):
    """Feature frames of a clip: 25 ms each, one every 10 ms, whole ones only."""
    return 1 + (round(seconds * RATE) - FRAME_SAMPLES) // SHIFT_SAMPLES


def number(value):
    """As people write it: 3 and not 3.0."""
    return f"{value:g}"


def workload(clips, seconds):
    return {
        "name": f"{clips} x {number(seconds)} s",
        "kind": "latency" if clips == 1 else "throughput",
        "clips": clips,
        "seconds": float(seconds),
        "frames": frames(seconds),
        "audio_seconds": float(clips * seconds),
        "concurrency": 1,
    }


def percentile(ascending, share):
    """The smallest time that at least this share of the calls did not exceed."""
    return ascending[max(math.ceil(share * len(ascending)), 1) - 1]


def latency(ascending):
    """Of times in milliseconds."""
    return {
        "mean": sum(ascending) / len(ascending),
        "min": ascending[0],
        "p50": percentile(ascending, 0.5),
        "p90": percentile(ascending, 0.9),
        "p99": percentile(ascending, 0.99),
        "p99_9": percentile(ascending, 0.999),
        "max": ascending[-1],
    }


class Engine:
    """Who computes, on what network; makes results."""

    def __init__(self, name, device, precision, threads, model, boundary):
        self.fields = {"engine": name, "device": device, "precision": precision, "threads": threads, "model": model, "boundary": boundary}

    def result(self, clips, seconds, check, times_ms, elapsed_seconds):
        """One workload. Where the check was not passed there is no speed."""
        result = dict(self.fields, workload=workload(clips, seconds), check=check)
        # Written so that an error that is no number does not pass.
        if not check["relative_error"] <= check["bound"]:
            error = check["relative_error"]
            result["check"] = dict(check, relative_error=error if math.isfinite(error) else 1e18)
            result["refused"] = f"the embeddings differ from {check['against']} by {error:.1e}, more than {check['bound']:.1e}"
            return result
        ascending = sorted(times_ms)
        result.update(
            calls=len(ascending),
            elapsed_seconds=elapsed_seconds,
            latency_ms=latency(ascending),
            histogram={"encoding": "values", "unit": "ms", "data": ascending},
            clips_per_second=clips * len(ascending) / elapsed_seconds,
            audio_seconds_per_second=clips * seconds * len(ascending) / elapsed_seconds,
        )
        return result


def processor():
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "unknown"


def machine(runtime, gpu="", driver=""):
    described = {
        "processor": processor(),
        "processors": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_mib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "runtime": f"Python {platform.python_version()}, {runtime}",
    }
    described.update({key: value for key, value in (("gpu", gpu), ("driver", driver)) if value})
    return described


def document(program, where, results, commit=""):
    head = {
        "schema": SCHEMA,
        "version": VERSION,
        "time": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "program": program,
        "command": shlex.join(sys.argv),
        "machine": where,
        "results": results,
    }
    return dict(head, commit=commit) if commit else head


def write(path, what):
    """Refuses what JSON has no number for, rather than writing a file that nobody can read."""
    path.write_text(json.dumps(what, indent=1, allow_nan=False) + "\n", encoding="utf-8")
