#!/usr/bin/env python3
"""Measures ERes2Net in PyTorch on one GPU, with the boundaries of `voiceprint bench`: PCM in host memory to embeddings in host memory.

    measure.py --json OUT [--golden FOLDER] [--batch 1,8,64] [--seconds 3] [--duration 5] [--modes eager,channels-last,graphs,compile]

With --golden, the base model's weights are loaded and every mode is checked against the reference embedding before it is timed; without
it, weights are random and every mode is checked against eager fp32. Numbers that are wrong are given no speed.
"""

import argparse
import pathlib
import sys
import time

import numpy
import torch

import results
from eres2net import ERes2Net
from fbank import Fbank

RATE = 16000
PRECISIONS = ("fp32", "tf32", "fp16")
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


def run(mode, precision, options):
    """A result for each workload."""
    set_precision(precision)
    weights = options.golden / "models/eres2net_base/model.ckpt" if options.golden else None
    bound = BOUNDS[precision]
    checks = []
    if options.golden:
        error = golden_error(options.golden, precision, mode != "eager")
        checks.append({"against": "golden speech_1s", "relative_error": error, "bound": bound})
    model = {"name": "eres2net-base", "architecture": f"ERes2Net base, {weights.name if weights else 'random weights'}"}
    name = f"pytorch {torch.__version__} cuda {precision} {mode}"
    engine = results.Engine(name, torch.cuda.get_device_name(), precision, torch.get_num_threads(), model, "pcm")
    measured = []
    for seconds in options.seconds:
        for batch in options.batch:
            host = clips(batch, seconds)
            set_precision("fp32")
            reference = runner("eager", weights, "fp32", host)()
            set_precision(precision)
            call = runner(mode, weights, precision, host)
            for _ in range(3):
                result = call()
            against = {"against": "pytorch eager fp32", "relative_error": relative_error(result, reference), "bound": bound}
            check = worst(checks + [against])
            elapsed, times = timed(call, options.duration) if check["relative_error"] <= bound else (0, [])
            measured.append(engine.result(batch, seconds, check, [1e3 * each for each in times], elapsed))
            torch._dynamo.reset()
    return measured


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
    parser.add_argument("--modes", type=numbers(str), default=["eager", "channels-last", "graphs", "compile"])
    options = parser.parse_args()
    if not torch.cuda.is_available():
        sys.exit("measure.py: torch sees no GPU")
    program = f"pytorch {torch.__version__}"
    where = results.machine(f"cuDNN {torch.backends.cudnn.version()}", gpu=torch.cuda.get_device_name())
    measured = []
    with torch.inference_mode():
        for mode in options.modes:
            for precision in options.precision:
                new = run(mode, precision, options)
                measured += new
                for each in new:
                    print(each["engine"], each["workload"]["name"], each.get("refused") or f"{each['latency_ms']['p50']:.3f} ms", flush=True)
                results.write(options.json, results.document(program, where, measured))


if __name__ == "__main__":
    main()
