"""G and D of `text_to_image.models` for PyTorch, `[B, C, H, W]`, channels last.

Submodules bear the names of the Keras layers, so that weights can be copied by name.

Images here are those of the Keras networks turned by half a turn. At stride 2 and odd
kernels TensorFlow pads one row more after the image than before it, PyTorch's
`padding=2` does the reverse; turned, they are the same, and PyTorch needs no padding
operation of its own, which would cost it time.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from text_to_image.config import Config


def _convolution(
    inputs: int, outputs: int, kernel: int, stride: int, bias: bool
) -> nn.Conv2d:
    """A convolution that gives 1 / stride of the positions."""
    return nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, bias=bias)


def _doubling(inputs: int, outputs: int, kernel: int, bias: bool) -> nn.ConvTranspose2d:
    """A transposed convolution that doubles height and width."""
    return nn.ConvTranspose2d(
        inputs, outputs, kernel, 2, (kernel - 1) // 2, kernel % 2, bias=bias
    )


def _leaky(x: Tensor) -> Tensor:
    return F.leaky_relu(x, 0.2)


class ResidualBlock(nn.Module):
    """Bottleneck residual block: 1x1, 3x3, 3x3, add, activate.

    Args:
        filters: channels of input and output.
        bottleneck: channels of the two inner convolutions.
        leaky: LeakyReLU(0.2) instead of ReLU.
    """

    def __init__(self, filters: int, bottleneck: int, leaky: bool):
        super().__init__()
        self.activate = _leaky if leaky else F.relu
        self.conv1 = _convolution(filters, bottleneck, 1, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(bottleneck)
        self.conv2 = _convolution(bottleneck, bottleneck, 3, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(bottleneck)
        self.conv3 = _convolution(bottleneck, filters, 3, 1, bias=False)
        self.norm3 = nn.BatchNorm2d(filters)

    def forward(self, x: Tensor) -> Tensor:
        branch = self.activate(self.norm1(self.conv1(x)))
        branch = self.activate(self.norm2(self.conv2(branch)))
        return self.activate(x + self.norm3(self.conv3(branch)))


class Generator(nn.Module):
    """G: z `[B, Z]` and text vectors `[B, D]` to images `[B, 3, 64, 64]`.

    Args:
        config: architecture and sizes.
        text_dim: D.
    """

    def __init__(self, config: Config, text_dim: int):
        super().__init__()
        self.reed = config.architecture == "reed"
        width = config.gf or (128 if self.reed else 64)
        features = config.text_features or (128 if self.reed else 256)
        kernel = 4 if self.reed else config.kernel_size or 5
        bias = not self.reed
        self.text_projection = nn.Linear(text_dim, features)
        inputs = config.z_dim + features
        if self.reed:
            self.stem = nn.ConvTranspose2d(inputs, 8 * width, 4, bias=False)
            self.residual4 = ResidualBlock(8 * width, 2 * width, leaky=False)
            self.residual8 = ResidualBlock(4 * width, width, leaky=False)
        else:
            self.stem = nn.Linear(inputs, 4 * 4 * 8 * width)
        self.stem_norm = nn.BatchNorm2d(8 * width)
        self.deconv8 = _doubling(8 * width, 4 * width, kernel, bias)
        self.norm8 = nn.BatchNorm2d(4 * width)
        self.deconv16 = _doubling(4 * width, 2 * width, kernel, bias)
        self.norm16 = nn.BatchNorm2d(2 * width)
        self.deconv32 = _doubling(2 * width, width, kernel, bias)
        self.norm32 = nn.BatchNorm2d(width)
        self.deconv64 = _doubling(width, 3, kernel, bias)

    def forward(self, z: Tensor, text: Tensor) -> Tensor:
        x = torch.cat([z, _leaky(self.text_projection(text))], 1)  # [B, Z + T]
        if self.reed:
            x = self.residual4(self.stem_norm(self.stem(x[:, :, None, None])))
            x = self.residual8(self.norm8(self.deconv8(x)))  # [B, 4w, 8, 8]
        else:
            # Channels last, as the convolutions want them: no copy.
            x = self.stem(x).unflatten(1, (4, 4, -1)).permute(0, 3, 1, 2)
            x = F.relu(self.stem_norm(x))  # [B, 8w, 4, 4]
            x = F.relu(self.norm8(self.deconv8(x)))  # [B, 4w, 8, 8]
        x = F.relu(self.norm16(self.deconv16(x)))  # [B, 2w, 16, 16]
        x = F.relu(self.norm32(self.deconv32(x)))  # [B, w, 32, 32]
        return torch.tanh(self.deconv64(x).float())  # [B, 3, 64, 64]


class ImageTrunk(nn.Module):
    """Brings images `[B, 3, 64, 64]` to `[B, 8w, 4, 4]`.

    Args:
        width: w.
        kernel: size of the kernels.
        reed: no biases, and a residual block at the end.
    """

    def __init__(self, width: int, kernel: int, reed: bool):
        super().__init__()
        bias = not reed
        self.conv32 = _convolution(3, width, kernel, 2, bias)
        self.conv16 = _convolution(width, 2 * width, kernel, 2, bias)
        self.norm16 = nn.BatchNorm2d(2 * width)
        self.conv8 = _convolution(2 * width, 4 * width, kernel, 2, bias)
        self.norm8 = nn.BatchNorm2d(4 * width)
        self.conv4 = _convolution(4 * width, 8 * width, kernel, 2, bias)
        self.norm4 = nn.BatchNorm2d(8 * width)
        self.residual4 = (
            ResidualBlock(8 * width, 2 * width, leaky=True) if reed else None
        )

    def forward(self, images: Tensor) -> Tensor:
        x = _leaky(self.conv32(images))  # [B, w, 32, 32]
        x = _leaky(self.norm16(self.conv16(x)))  # [B, 2w, 16, 16]
        x = _leaky(self.norm8(self.conv8(x)))  # [B, 4w, 8, 8]
        x = self.norm4(self.conv4(x))  # [B, 8w, 4, 4]
        return _leaky(x) if self.residual4 is None else self.residual4(x)


class Head(nn.Module):
    """Judges what the trunk saw, `[B, 8w, 4, 4]`, with text vectors `[B, D]`.

    Args:
        config: architecture and sizes.
        text_dim: D.
    """

    def __init__(self, config: Config, text_dim: int):
        super().__init__()
        reed = config.architecture == "reed"
        width, features = (
            config.df or 64,
            config.text_features or (128 if reed else 256),
        )
        self.text_projection = nn.Linear(text_dim, features)
        self.text_norm = nn.BatchNorm1d(features) if reed else nn.Identity()
        self.mix = nn.Conv2d(8 * width + features, 8 * width, 1, bias=not reed)
        self.mix_norm = nn.BatchNorm2d(8 * width)
        self.score: nn.Module = (
            nn.Conv2d(8 * width, 1, 4, bias=False)
            if reed
            else nn.Linear(4 * 4 * 8 * width, 1)
        )

    def forward(self, seen: Tensor, text: Tensor) -> Tensor:
        text = _leaky(self.text_norm(self.text_projection(text)))  # [B, T]
        text = text[:, :, None, None].expand(-1, -1, 4, 4)
        x = torch.cat([seen, text], 1)  # [B, 8w + T, 4, 4]
        x = _leaky(self.mix_norm(self.mix(x)))  # [B, 8w, 4, 4]
        if isinstance(self.score, nn.Linear):
            x = x.permute(0, 2, 3, 1).flatten(1)  # as it lies in memory: no copy
        return self.score(x).reshape(-1).float()  # [B]


class Discriminator(nn.Module):
    """D in two parts, of which the first need not see an image twice.

    Args:
        config: architecture and sizes.
        text_dim: dimensions of the text vectors.
    """

    def __init__(self, config: Config, text_dim: int):
        super().__init__()
        reed = config.architecture == "reed"
        kernel = 4 if reed else config.kernel_size or 5
        self.trunk = ImageTrunk(config.df or 64, kernel, reed)
        self.head = Head(config, text_dim)

    def forward(self, images: Tensor, text: Tensor) -> Tensor:
        return self.head(self.trunk(images), text)
