"""A score's line and record name everything that it depends on."""

import json

from text_to_image.evaluations.score import Score, format_record

SCORE = Score(
    metric="kid_tiny",
    generated=0.2824,
    error=0.0051,
    real=0.0139,
    real_is="9 real images of train",
    controls={"real, blurred by 1": 0.0444, "chance": 123.456},
    protocol={"feature_network": "tiny", "num_generated": 12},
)


def test_record_has_figures_and_protocol_side_by_side():
    record = SCORE.record()
    assert record["generated"] == 0.2824
    assert record["controls"] == {"real, blurred by 1": 0.0444, "chance": 123.456}
    assert (record["feature_network"], record["num_generated"]) == ("tiny", 12)
    assert "protocol" not in record
    assert json.loads(json.dumps(record)) == record


def test_line_names_every_part_of_the_protocol():
    assert format_record({**SCORE.record(), "split": "test", "step": 3}) == (
        "kid_tiny 0.282 ± 0.005 (standard error); 9 real images of train 0.014; "
        "real, blurred by 1 0.044; chance 123.5 | feature_network tiny, "
        "num_generated 12, split test, step 3"
    )


def test_line_of_a_score_without_error():
    record = Score("fd", 233.4, 45.0, "others", {}, {"seed": 0}).record()
    assert format_record(record) == "fd 233.4; others 45.0 | seed 0"
