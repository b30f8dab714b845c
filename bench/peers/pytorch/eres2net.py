"""ERes2Net (Chen et al., Interspeech 2023) as a plain PyTorch module, for comparing speed.

Written from the description of the network in this project (Res2NetFamily.java); the names of the parameters are those of
3D-Speaker's checkpoints, so their weight files load. Inference only. Axes: N utterance, C channel, F mel, T time.
"""

import torch
from torch import nn
from torch.nn import functional


def clip20(x):
    """The blocks' ReLU: at most 20."""
    return functional.hardtanh(x, 0.0, 20.0)


class AttentionalFusion(nn.Module):
    """x * (1 + a) + y * (1 - a), a = tanh of two 1x1 convolutions of [x, y]."""

    def __init__(self, channels):
        super().__init__()
        self.local_att = nn.Sequential(
            nn.Conv2d(2 * channels, channels // 4, 1),
            nn.BatchNorm2d(channels // 4),
            nn.SiLU(),
            nn.Conv2d(channels // 4, channels, 1),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x, y):
        a = torch.tanh(self.local_att(torch.cat((x, y), dim=1)))
        return x * (1 + a) + y * (1 - a)


class Block(nn.Module):
    """1x1, a chain of 3x3 over the parts, 1x1 plus the shortcut."""

    def __init__(self, inputs, planes, stride, base_width, scale, expansion, fused):
        super().__init__()
        width = planes * base_width // 64
        outputs = planes * expansion
        self.width = width
        self.conv1 = nn.Conv2d(inputs, width * scale, 1, stride=stride, bias=False)
        self.bn1 = nn.BatchNorm2d(width * scale)
        self.convs = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1, bias=False) for _ in range(scale))
        self.bns = nn.ModuleList(nn.BatchNorm2d(width) for _ in range(scale))
        self.fuse_models = nn.ModuleList(AttentionalFusion(width) for _ in range(scale - 1)) if fused else None
        self.conv3 = nn.Conv2d(width * scale, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        parts = torch.split(clip20(self.bn1(self.conv1(x))), self.width, dim=1)
        results = []
        for i, part in enumerate(parts):
            if i > 0:
                part = self.fuse_models[i - 1](results[-1], part) if self.fuse_models is not None else results[-1] + part
            results.append(clip20(self.bns[i](self.convs[i](part))))
        return clip20(self.bn3(self.conv3(torch.cat(results, dim=1))) + self.shortcut(x))


class ERes2Net(nn.Module):
    """Features (N, T, 80), mean over time subtracted, to embeddings (N, D)."""

    def __init__(self, m_channels=32, num_blocks=(3, 4, 6, 3), base_width=32, scale=2, expansion=2, embedding_size=512, feat_dim=80):
        super().__init__()
        self.conv1 = nn.Conv2d(1, m_channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(m_channels)
        inputs = m_channels
        for stage in range(1, 5):
            planes = m_channels << (stage - 1)
            blocks = []
            for block in range(num_blocks[stage - 1]):
                stride = 2 if stage > 1 and block == 0 else 1
                blocks.append(Block(inputs, planes, stride, base_width, scale, expansion, fused=stage >= 3))
                inputs = planes * expansion
            setattr(self, f"layer{stage}", nn.Sequential(*blocks))
        base = m_channels * expansion
        for stage, fused in ((1, "12"), (2, "123"), (3, "1234")):
            channels = base << (stage - 1)
            setattr(self, f"layer{stage}_downsample", nn.Conv2d(channels, 2 * channels, 3, stride=2, padding=1, bias=False))
            setattr(self, f"fuse_mode{fused}", AttentionalFusion(2 * channels))
        self.seg_1 = nn.Linear(2 * inputs * (feat_dim // 8), embedding_size)

    def forward(self, features):
        x = features.transpose(1, 2).unsqueeze(1)  # (N, 1, F, T)
        x = functional.relu(self.bn1(self.conv1(x)))
        out = fused = self.layer1(x)
        for stage, name in ((2, "12"), (3, "123"), (4, "1234")):
            out = getattr(self, f"layer{stage}")(out)
            below = getattr(self, f"layer{stage - 1}_downsample")(fused)
            fused = getattr(self, f"fuse_mode{name}")(out, below)
        flat = fused.flatten(1, 2).float()  # (N, C F, T)
        mean = flat.mean(dim=2)
        deviation = torch.sqrt(flat.var(dim=2, unbiased=True) + 1e-8)
        pooled = torch.cat((mean, deviation), dim=1)
        return functional.linear(pooled, self.seg_1.weight.float(), self.seg_1.bias.float())
