#!/usr/bin/env python3
"""Measures ERes2Net in PyTorch on one GPU, with the boundaries of `voiceprint bench`: PCM in host memory to embeddings in host memory.

    measure.py --json OUT [--golden FOLDER] [--batch 1,8,64] [--seconds 3] [--duration 5] [--modes graphs,eager,channels-last,compile]

With --golden, the base model's weights are loaded and every mode is checked against the reference embedding before it is timed; without
it, weights are random and every mode is checked against eager fp32. Numbers that are wrong are given no speed. What fails is said and
the rest is measured all the same; the file is written anew after each result. Exit code: 0 all measured, 1 something failed.
"""

import argparse
import itertools
import pathlib
import sys
import time
import traceback

import numpy
import torch

import results
from eres2net import ERes2Net
from fbank import Fbank

RATE = 16000
PRECISIONS = ("fp16", "tf32", "fp32")
BOUNDS = {"fp32": 2e-4, "tf32": 0.1, "fp16": 0.1}


def clips(batch, seconds):
    """A buzz of changing pitch in noise, as voiceprint bench makes it in kind."""
    random = numpy.random.default_rng(1)
    t = numpy.arange(round(seconds * RATE)) / RATE
    rows = []
    for _ in range(batch):
        pitch, sway = random.uniform(80, 250), random.uniform(1, 4)
        phase = numpy.cumsum(pitch * (1 + 0.1 * numpy.sin(2 * numpy.pi * sway * t)) / RATE)
        rows.append(0.2 * (2 * (phase % 1) - 1) + random.uniform(-0.02, 0.02, t.size))
    return torch.from_numpy(numpy.stack(rows).astype(numpy.float32)).pin_memory()


def relative_error(actual, reference):
    return float((actual.double() - reference.double()).norm() / reference.double().norm())


def set_precision(precision):
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
    torch.backends.cudnn.allow_tf32 = precision == "tf32"
    torch.backends.cudnn.benchmark = True


class Encoder(torch.nn.Module):
    """Samples on the device to embeddings on the device; features always float32."""

    def __init__(self, network, precision, channels_last):
        super().__init__()
        self.fbank = Fbank()
        self.network = network
        self.type = torch.float16 if precision == "fp16" else torch.float32
        if precision == "fp16":
            self.network.half()
        if channels_last:
            self.network.to(memory_format=torch.channels_last)

    def forward(self, samples):
        return self.network(self.fbank(samples).to(self.type))


def network(weights):
    torch.manual_seed(130)
    model = ERes2Net()
    if weights is not None:
        model.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    return model.eval().cuda()


def runner(mode, weights, precision, host):
    """A call without arguments that embeds `host`, and returns embeddings in host memory."""
    encoder = Encoder(network(weights), precision, channels_last=mode != "eager").cuda()
    device = torch.empty_like(host, device="cuda")
    if mode == "compile":
        encoder = torch.compile(encoder, mode="max-autotune")
    if mode != "graphs":
        def call():
            device.copy_(host, non_blocking=True)
            return encoder(device).cpu()
        return call
    side = torch.cuda.Stream()
    with torch.cuda.stream(side):
        for _ in range(3):
            encoder(device)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        result = encoder(device)

    def call():
        device.copy_(host, non_blocking=True)
        graph.replay()
        return result.cpu()

    return call


def timed(call, duration):
    begin = time.perf_counter()
    for i in range(1_000_000):
        if i >= 3 and time.perf_counter() - begin > 1:
            break
        call()
    times = []
    begin = last = time.perf_counter()
    while len(times) < 3 or last - begin < duration:
        call()
        now = time.perf_counter()
        times.append(now - last)
        last = now
    return last - begin, times


def golden_error(golden, precision, channels_last):
    """Relative error on the base model's reference embedding, from features."""
    model = network(golden / "models/eres2net_base/model.ckpt")
    features = torch.from_numpy(numpy.load(golden / "fbank_cmn/speech_1s.npy")).unsqueeze(0).cuda()
    if precision == "fp16":
        model, features = model.half(), features.half()
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
    expected = torch.from_numpy(numpy.load(golden / "models/eres2net_base/embeddings/speech_1s.npy"))
    return relative_error(model(features)[0].cpu(), expected)


def worst(checks):
    """The check that comes nearest to failing, or fails most; an error that is no number is worst of all."""
    return max(checks, key=lambda check: float("inf") if check["relative_error"] != check["relative_error"] else check["relative_error"])


class Peer:
    """The network in PyTorch, in every mode; remembers what it is compared with."""

    def __init__(self, golden, duration):
        self.golden = golden
        self.weights = golden / "models/eres2net_base/model.ckpt" if golden else None
        self.duration = duration
        self.references = {}

    def reference(self, batch, seconds):
        """Embeddings of eager fp32."""
        if (batch, seconds) not in self.references:
            set_precision("fp32")
            self.references[batch, seconds] = runner("eager", self.weights, "fp32", clips(batch, seconds))()
        return self.references[batch, seconds]

    def measure(self, mode, precision, batch, seconds):
        """One result."""
        reference = self.reference(batch, seconds)
        set_precision(precision)
        bound = BOUNDS[precision]
        checks = []
        if self.golden:
            error = golden_error(self.golden, precision, mode != "eager")
            checks.append({"against": "golden speech_1s", "relative_error": error, "bound": bound})
        call = runner(mode, self.weights, precision, clips(batch, seconds))
        for _ in range(3):
            result = call()
        checks.append({"against": "pytorch eager fp32", "relative_error": relative_error(result, reference), "bound": bound})
        check = worst(checks)
        elapsed, times = timed(call, self.duration) if check["relative_error"] <= bound else (0, [])
        return self.engine(mode, precision).result(batch, seconds, check, [1e3 * each for each in times], elapsed)

    def engine(self, mode, precision):
        model = {"name": "eres2net-base", "architecture": f"ERes2Net base, {self.weights.name if self.weights else 'random weights'}"}
        name = f"pytorch {torch.__version__} cuda {precision} {mode}"
        return results.Engine(name, torch.cuda.get_device_name(), precision, torch.get_num_threads(), model, "pcm")


def numbers(kind):
    return lambda text: [kind(part) for part in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=pathlib.Path, required=True)
    parser.add_argument("--golden", type=pathlib.Path)
    parser.add_argument("--batch", type=numbers(int), default=[1, 8, 64])
    parser.add_argument("--seconds", type=numbers(float), default=[3.0])
    parser.add_argument("--duration", type=float, default=5)
    parser.add_argument("--precision", type=numbers(str), default=list(PRECISIONS))
    parser.add_argument("--modes", type=numbers(str), default=["graphs", "eager", "channels-last", "compile"])
    options = parser.parse_args()
    if not torch.cuda.is_available():
        sys.exit("measure.py: torch sees no GPU")
    program = f"pytorch {torch.__version__}"
    where = results.machine(f"cuDNN {torch.backends.cudnn.version()}", gpu=torch.cuda.get_device_name())
    peer = Peer(options.golden, options.duration)
    measured = []
    failed = False
    with torch.inference_mode():
        for mode, precision, seconds, batch in itertools.product(options.modes, options.precision, options.seconds, options.batch):
            what = f"{precision} {mode}, {batch} x {results.number(seconds)} s:"
            try:
                new = peer.measure(mode, precision, batch, seconds)
            except Exception:  # Whatever this combination dies of, the others are wanted.
                failed = True
                traceback.print_exc()
                print(what, "failed", flush=True)
                continue
            print(what, new.get("refused") or f"{new['latency_ms']['p50']:.3f} ms", flush=True)
            measured.append(new)
            results.write(options.json, results.document(program, where, measured))
            if mode == "compile":
                torch._dynamo.reset()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
