"""The training step of `text_to_image.gan` for PyTorch: the same passes, no more."""

import functools

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.torch_peer.networks import Discriminator, Generator
from text_to_image.config import Config

Batch = dict[str, Tensor]
Gradients = tuple[Tensor, ...]


class TorchGAN:
    """Networks, optimisers, and one step of GAN-CLS (Algorithm 1).

    Of `config` it obeys the architecture and its sizes, `mismatch`, `update`,
    `generator_steps`, the weights of the losses, Adam's constants, and
    `mixed_precision`, which is autocast here.

    Args:
        config: the experiment, conditional and of the objective gan_cls.
        text_dim: dimensions of the text vectors.
        compiled: whether losses and gradients go through `torch.compile`.
        backend: of `torch.compile`.
    """

    def __init__(
        self,
        config: Config,
        text_dim: int,
        compiled: bool = False,
        backend: str = "inductor",
    ):
        self.config = config
        channels_last = torch.channels_last
        self.generator = Generator(config, text_dim).to(memory_format=channels_last)
        self.discriminator = Discriminator(config, text_dim).to(
            memory_format=channels_last
        )
        self._optimizers = {
            module: self._optimizer(module)
            for module in (self.generator, self.discriminator)
        }
        if compiled:
            # One graph of a whole step's losses and gradients: of D's backward pass
            # for G it leaves D's weight gradients out, as eager PyTorch does. Graphs
            # of the networks alone would compute them.
            torch._dynamo.config.trace_autograd_ops = True
            compile_ = functools.partial(
                torch.compile, fullgraph=True, backend=backend, dynamic=False
            )
            self._gradients = compile_(self._gradients)  # type: ignore[method-assign]
            self._discriminator_gradients = compile_(self._discriminator_gradients)  # type: ignore[method-assign]
            self._generator_gradients = compile_(self._generator_gradients)  # type: ignore[method-assign]

    def _optimizer(self, module: nn.Module) -> torch.optim.Adam:
        config = self.config
        return torch.optim.Adam(
            module.parameters(),
            lr=config.learning_rate,
            betas=(config.beta_1, 0.999),
            fused=True,
        )

    def train_step(self, batch: Batch) -> tuple[float, float]:
        """Updates D and G once.

        Args:
            batch: of `text_to_image.data.batches.Batches.assemble`, by `to_torch`.

        Returns:
            The losses of D and of G.
        """
        if self.config.update == "simultaneous":
            d_loss, d_gradients, g_loss, g_gradients = self._gradients(batch)
            self._apply(self.discriminator, d_gradients)
            self._apply(self.generator, g_gradients)
        else:
            d_loss, gradients = self._discriminator_gradients(batch)
            self._apply(self.discriminator, gradients)
            for z in batch["generator_z"]:
                text = batch["text_embedding"]
                g_loss, gradients = self._generator_gradients(z, text)
                self._apply(self.generator, gradients)
        return d_loss.item(), g_loss.item()

    def _gradients(self, batch: Batch) -> tuple[Tensor, Gradients, Tensor, Gradients]:
        """Both losses, of one pass, and what each network learns from its own."""
        with self._autocast():
            fakes = self.generator(batch["z"], batch["text_embedding"])
            d_loss, s_f = self._discriminator_loss(batch, fakes)
            g_loss = _judged_real(s_f)
        # Only what is asked for is computed: neither G's gradients of L_D, nor D's
        # weight gradients of L_G.
        d_gradients = torch.autograd.grad(
            d_loss, [*self.discriminator.parameters()], retain_graph=True
        )
        g_gradients = torch.autograd.grad(g_loss, [*self.generator.parameters()])
        return d_loss.detach(), d_gradients, g_loss.detach(), g_gradients

    def _discriminator_gradients(self, batch: Batch) -> tuple[Tensor, Gradients]:
        """L_D and its gradients."""
        with self._autocast():
            with torch.no_grad():
                fakes = self.generator(batch["z"], batch["text_embedding"])
            loss, _ = self._discriminator_loss(batch, fakes)
        gradients = torch.autograd.grad(loss, [*self.discriminator.parameters()])
        return loss.detach(), gradients

    def _generator_gradients(self, z: Tensor, text: Tensor) -> tuple[Tensor, Gradients]:
        """L_G, in a pass of its own, and its gradients."""
        with self._autocast():
            loss = _judged_real(self.discriminator(self.generator(z, text), text))
        gradients = torch.autograd.grad(loss, [*self.generator.parameters()])
        return loss.detach(), gradients

    def _discriminator_loss(self, batch: Batch, fakes: Tensor) -> tuple[Tensor, Tensor]:
        """Returns L_D and s_f `[B]`; real images are looked at once."""
        config, text = self.config, batch["text_embedding"]
        look, judge = self.discriminator.trunk, self.discriminator.head
        seen = look(batch["real_images"])
        s_r = judge(seen, text)
        if config.mismatch == "image":
            s_w = self.discriminator(batch["wrong_images"], text)
        else:
            s_w = judge(seen, batch["wrong_text_embedding"])
        s_f = self.discriminator(fakes, text)
        loss = (
            _judged_real(s_r)
            + config.wrong_weight * _judged_fake(s_w)
            + config.fake_weight * _judged_fake(s_f)
        )
        return loss, s_f

    def _apply(self, module: nn.Module, gradients: Gradients) -> None:
        for parameter, gradient in zip(module.parameters(), gradients, strict=True):
            parameter.grad = gradient
        self._optimizers[module].step()

    def _autocast(self) -> torch.autocast:
        bfloat16 = self.config.mixed_precision == "bfloat16"
        return torch.autocast("cpu", torch.bfloat16, enabled=bfloat16)


def _judged_real(logits: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, torch.ones_like(logits))


def _judged_fake(logits: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, torch.zeros_like(logits))
