"""The front end on the GPU, in batches: Kaldi's filter bank as Voiceprint and torchaudio compute it, then the mean is subtracted."""

import math

import torch


class Fbank(torch.nn.Module):
    """Samples (N, S) in [-1, 1] at 16 kHz to features (N, T, 80), T = 1 + (S - 400) // 160."""

    def __init__(self, bins=80, rate=16000, length=400, shift=160, fft=512):
        super().__init__()
        self.length, self.shift, self.fft = length, shift, fft
        n = torch.arange(length, dtype=torch.float64)
        window = (0.5 - 0.5 * torch.cos(2 * math.pi * n / (length - 1))) ** 0.85
        self.register_buffer("window", window.float())
        low, high = (1127 * math.log(1 + f / 700) for f in (20.0, rate / 2))
        delta = (high - low) / (bins + 1)
        mel = 1127 * torch.log(1 + torch.arange(fft // 2 + 1, dtype=torch.float64) * rate / fft / 700)
        left = low + delta * torch.arange(bins, dtype=torch.float64).unsqueeze(1)
        bank = torch.minimum((mel - left) / delta, (left + 2 * delta - mel) / delta).clamp(min=0)
        bank[:, -1] = 0  # Kaldi's banks end before the Nyquist bin.
        self.register_buffer("bank", bank.float())

    def forward(self, samples):
        frames = samples.unfold(1, self.length, self.shift)
        frames = frames - frames.mean(dim=2, keepdim=True)
        before = torch.cat((frames[:, :, :1], frames[:, :, :-1]), dim=2)
        frames = (frames - 0.97 * before) * self.window
        power = torch.fft.rfft(frames, n=self.fft).abs().square()
        energies = torch.matmul(power, self.bank.t())
        log_mel = torch.log(torch.clamp(energies, min=torch.finfo(torch.float32).eps))
        return log_mel - log_mel.mean(dim=1, keepdim=True)
