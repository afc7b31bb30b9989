"""The HParams tab: what TensorBoard itself makes of two runs."""

import dataclasses

import pytest
from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.context import RequestContext
from tensorboard.plugins import base_plugin
from tensorboard.plugins.hparams import (
    api_pb2,
    backend_context,
    list_session_groups,
)

from text_to_image.data.cache import Cache
from text_to_image.generation.text_to_image import TextToImage
from text_to_image.runs.directory import RunDirectory
from text_to_image.training.summaries import Summaries


@pytest.fixture(scope="module")
def runs(trained, tiny_cache, tmp_path_factory):
    """Two runs that differ in their seed, and in a metric at the end."""
    folder, cache = tmp_path_factory.mktemp("tb"), Cache(tiny_cache)
    model = TextToImage.load(trained)
    for seed in (3, 4):
        summaries = Summaries(RunDirectory(folder / f"seed{seed}"), model, cache, "")
        config = dataclasses.replace(model.description.config, seed=seed)
        summaries.begin(dataclasses.asdict(config), cache.split("train"))
        for step in (1, 2):
            summaries.write_scalars(step, {"metrics/best_kid": seed / step})
        summaries.close()
    return folder


def session_groups(folder):
    """What the tab shows, a row a run."""
    events = plugin_event_multiplexer.EventMultiplexer()
    events.AddRunsFromDirectory(str(folder))
    events.Reload()
    provider = data_provider.MultiplexerDataProvider(events, str(folder))
    context = backend_context.Context(base_plugin.TBContext(data_provider=provider))
    request = api_pb2.ListSessionGroupsRequest(
        start_index=0,
        slice_size=100,
        allowed_statuses=[api_pb2.STATUS_UNKNOWN],
    )
    handler = list_session_groups.Handler(RequestContext(), context, "", request)
    return handler.run().session_groups


def test_two_runs_are_compared_by_their_flags_and_last_figures(runs, tiny_config):
    rows = session_groups(runs)
    seeds = [row.hparams["seed"].number_value for row in rows]
    assert sorted(seeds) == [3, 4]
    for row, seed in zip(rows, seeds, strict=True):
        expected = dataclasses.asdict(dataclasses.replace(tiny_config, seed=int(seed)))
        shown = {
            name: getattr(value, value.WhichOneof("kind"))
            for name, value in row.hparams.items()
        }
        assert shown == expected
        figures = {value.name.tag: value.value for value in row.metric_values}
        assert figures["metrics/best_kid"] == seed / 2
