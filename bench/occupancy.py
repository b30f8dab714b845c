#!/usr/bin/env python3
"""Occupancy of the kernels of a convolution network, by calculation; nothing is measured.

    bench/occupancy.py target/kernels > occupancy.txt

Registers and spills are what ptxas said of each kernel when the build compiled it (target/kernels/FAMILY.log). Threads and
shared memory are those of the launches, for the layers of the ERes2Net base model (32 channels, width 32). Blocks per
multiprocessor follow from NVIDIA's limits, checked against two of its sources, which agree:
  cuda_occupancy.h of the CUDA toolkit 13.0: blocks of a multiprocessor; registers are given to warps in units of 256, each warp
    on one of the 4 partitions of a multiprocessor; shared memory is given in units of 256 bytes on 7.5, of 128 from 8.0 on;
  cuda/__device/arch_traits.h of NVIDIA/cccl (libcu++): warps, shared memory of a multiprocessor and of a block, 65536 registers,
    and the 1 KiB of shared memory that a block takes for the system from 8.0 on.
"""
import re
import sys
from pathlib import Path

# Compute capability: blocks, warps, KiB of shared memory of a multiprocessor, KiB a block may have.
CARDS = {
    75: (16, 32, 64, 64),
    80: (32, 64, 164, 163),
    86: (16, 48, 100, 99),
    89: (24, 48, 100, 99),
    90: (32, 64, 228, 227),
    100: (32, 64, 228, 227),
    120: (24, 48, 100, 99),
}
REGISTERS = 65536
PARTITIONS = 4
# Inputs, channels of a part, outputs, channels within a gate: of each stage the first block, then the others. Two parts each.
BLOCKS = [
    *[(32, 16, 64, 0), (64, 16, 64, 0), (64, 32, 128, 0), (128, 32, 128, 0)],
    *[(128, 64, 256, 16), (256, 64, 256, 16), (256, 128, 512, 32), (512, 128, 512, 32)],
]
TILES = [(8, 16), (8, 8), (4, 16), (4, 8), (4, 4)]


def conv_tiles():
    tiles = [(128, 128, 8, 4), (128, 64, 4, 3), (128, 32, 4, 3), (64, 64, 4, 3), (64, 32, 4, 3), (32, 64, 4, 5), (32, 32, 4, 5)]
    for pixels, channels, warps, stages in tiles:
        for kind in "f16", "tf32":
            yield f"conv_mma_{pixels}x{channels}_{kind}", "", 32 * warps, stages * (pixels * 80 + (channels + 8) * 64)
    for size, warps, stages in (64, 8, 3), (32, 4, 5):
        for kind in "f16", "tf32":
            yield f"conv_mma_split_{size}x{size}_{kind}", "", 32 * warps, stages * (size * 144 + (size + 8) * 128)
    # Inner extents of the layers: 1x1 of 32 to 512 channels, 3x3 of 16 to 256.
    for channels in 64, 32:
        for kind, element in ("f16", 2), ("tf32", 4):
            for inner in 32, 64, 128, 144, 256, 288, 512, 576, 1152, 2304:
                weights = (inner * element + 63) // 64 * 64 * (channels + 8)
                shared = 4 * 64 * 80 + 4 * 16 * (channels // 2 + 4) * 4 + weights
                yield f"conv_mma_persistent_64x{channels}_{kind}", f"K{inner}", 128, shared
    for channels in 64, 32:
        for kind in "f16", "f32":
            yield f"conv_simt_64x{channels}_{kind}", "", 2 * channels, 2 * 16 * (68 + channels) * 4


def res_blocks():
    for kernel, element in ("res_block_mma_f16", 2), ("res_block_mma_tf32", 4), ("res_block_simt_f32", 4):
        for inputs, part, outputs, gate in BLOCKS:
            for rows, columns in TILES:
                halo = (rows + 4) * (columns + 4)
                hidden = 2 * part * element + 16
                gated = (part + gate) * element + 32 if gate else 0
                shared = halo * (inputs * element + 16 + hidden + gated) + rows * columns * hidden + (columns + 4) * 4
                yield kernel, f"{inputs}-2x{part}-{outputs}, {rows}x{columns}", 256, shared


def fusions():
    for kernel, element in ("aff_mma_f16", 2), ("aff_mma_tf32", 4):
        for channels in 64, 128, 256, 512:
            for tile in 16, 32, 48, 64:
                shared = tile * ((2 * channels + max(16, channels // 4)) * element + 32)
                if tile == 16 or shared <= 32 * 1024:
                    yield kernel, f"C{channels}, {tile} pixels", 128, shared


def downsamples():
    kernels = ("downsample_aff_mma_f16", 2), ("downsample_aff_mma_tf32", 4), ("downsample_aff_simt_f32", 4)
    for kernel, element in kernels:
        for inputs in 64, 128, 256:
            outputs = 2 * inputs
            for rows in 8, 4, 2:
                halo = (2 * rows + 1) * 17 * (inputs * element + 16)
                shared = 8 * rows * (2 * outputs * element + 16) + max(halo, 8 * rows * (outputs // 4 * element + 16))
                yield kernel, f"{inputs}-{outputs}, {rows}x8", 256, shared


def plain_fusions():
    for kind in "f16", "f32":
        for channels in 64, 128, 256, 512:
            pixel = (2 * channels + 4 + 4 * (channels // 4 + 4)) * 4
            tile = 32
            while tile > 4 and tile * pixel > 32 * 1024:
                tile -= 4
            yield f"aff_{kind}", f"C{channels}, {tile} pixels", 256, tile * pixel


def element_wise():
    for kind in "f16", "f32":
        for kernel in "silu", "gate_blend", "epilogue", "add_views", "copy_view":
            yield f"{kernel}_{kind}", "", 256, 0


def ends():
    """Of 80 mel bins, spectra of 512 points, a stem of 32 channels, and 512 channels to be pooled."""
    for kernel in "widen_s16", "resample_polyphase", "resample_polyphase_s16":
        yield kernel, "", 256, 0
    yield "fbank_f32", "", 128, 4 * 2 * 8 * 36 * 4
    yield "frame_window", "", 128, 0
    yield "power_mel_log", "257 bins", 128, 4 * 257 * 4
    yield "cmn", "80 bins", 640, 8 * 80 * 8
    for kind in "f16", "f32":
        yield f"stem_conv_{kind}", "C32", 256, (18 * 18 + 10 * 32) * 4
        yield f"stats_pool_{kind}", "C512", 256, 8 * 32 * 8 * 4
        yield f"linear_{kind}", "", 128, 4 * 4


def compiled(folder):
    """(kernel, card) to (registers, spilled bytes)."""
    found = {}
    for log in Path(folder).glob("*.log"):
        key = None
        spilled = 0
        for line in log.read_text().splitlines():
            if match := re.search(r"Compiling entry function '(\w+)' for 'sm_(\d+)'", line):
                key = match.group(1), int(match.group(2))
            elif match := re.search(r"(\d+) bytes spill stores", line):
                spilled = int(match.group(1))
            elif match := re.search(r"Used (\d+) registers", line):
                found[key] = int(match.group(1)), spilled
    return found


def blocks_per_multiprocessor(card, threads, shared, registers):
    """How many, and the letters of what allows no more."""
    blocks, warps, shared_kib, block_kib = CARDS[card]
    if shared > block_kib * 1024:
        return 0, "S"
    block_warps = threads // 32
    of_warp = (registers * 32 + 255) // 256 * 256
    warps_by_registers = REGISTERS // PARTITIONS // of_warp * PARTITIONS
    limits = [(blocks, "B"), (warps // block_warps, "W"), (warps_by_registers // block_warps, "R")]
    if shared > 0:
        unit, reserved = (128, 1024) if card >= 80 else (256, 0)
        limits.append((shared_kib * 1024 // ((shared + reserved + unit - 1) // unit * unit), "S"))
    most = min(count for count, _ in limits)
    return most, "".join(letter for count, letter in limits if count == most)


def launches():
    for group in conv_tiles, res_blocks, fusions, downsamples, plain_fusions, element_wise, ends:
        yield from group()


def main():
    known = compiled(sys.argv[1])
    print("For each card: registers per thread (r), blocks per multiprocessor (b), share of its warps, what allows no more of")
    print("them (B blocks, W warps, R registers, S shared memory), bytes spilled (s) if any.")
    print("'-': a block needs more shared memory than the card gives one.")
    print(f"{'kernel':32}{'layer':22}{'threads':>8}{'shared':>8}", *(f"sm_{card:<14}" for card in CARDS))
    for kernel, layer, threads, shared in launches():
        cells = []
        for card in CARDS:
            if card == 75 and "tf32" in kernel:
                cells.append("no tf32")
                continue
            if (kernel, card) not in known:
                cells.append("not built")
                continue
            registers, spilled = known[kernel, card]
            blocks, limit = blocks_per_multiprocessor(card, threads, shared, registers)
            share = 100 * blocks * threads // 32 // CARDS[card][1]
            spills = f" {spilled}s" if spilled else ""
            cells.append(f"{registers}r {blocks}b {share}% {limit}{spills}" if blocks else "-")
        print(f"{kernel:32}{layer:22}{threads:>8}{shared:>8}", *(f"{cell:<17}" for cell in cells))


if __name__ == "__main__":
    main()
