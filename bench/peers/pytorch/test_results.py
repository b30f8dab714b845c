#!/usr/bin/env python3
"""Tests of the file of results, without torch: python3 -m unittest discover -s bench/peers/pytorch"""

import json
import pathlib
import tempfile
import unittest

import results

ENGINE = results.Engine("pytorch 0 cuda fp32 eager", "none", "fp32", 2, {"name": "eres2net-base"}, "pcm")
GOOD = {"against": "eager fp32", "relative_error": 1e-6, "bound": 2e-4}


class ResultsTest(unittest.TestCase):
    def test_frames_are_those_of_voiceprint(self):
        self.assertEqual([98, 298, 998], [results.frames(seconds) for seconds in (1, 3, 10)])

    def test_percentiles_are_times_that_were_measured(self):
        times = results.latency([float(i) for i in range(1, 201)])
        self.assertEqual((1, 100, 180, 198, 200, 200), tuple(times[key] for key in ("min", "p50", "p90", "p99", "p99_9", "max")))
        self.assertEqual({7.0}, set(results.latency([7.0]).values()))

    def test_rates_are_of_wall_clock_time(self):
        result = ENGINE.result(8, 3.0, GOOD, [30.0, 10.0, 20.0], 0.06)
        self.assertAlmostEqual(400, result["clips_per_second"])
        self.assertAlmostEqual(1200, result["audio_seconds_per_second"])
        self.assertEqual([10.0, 20.0, 30.0], result["histogram"]["data"])
        self.assertEqual("throughput", result["workload"]["kind"])

    def test_wrong_numbers_have_no_speed(self):
        for error in (0.1, float("nan"), float("inf")):
            result = ENGINE.result(1, 3.0, dict(GOOD, relative_error=error), [1.0], 0.001)
            self.assertIn("refused", result)
            self.assertFalse({"latency_ms", "calls", "clips_per_second", "histogram"} & result.keys())
            json.dumps(result, allow_nan=False)

    def test_fields_are_those_of_the_example(self):
        path = pathlib.Path(__file__).parents[3] / "src/test/resources/bench/example.json"
        example = json.loads(path.read_text(encoding="utf-8"))
        written = results.document("pytorch", results.machine("torch 0"), [ENGINE.result(1, 1.0, GOOD, [1.0, 2.0], 0.003)])
        self.assertLessEqual(written.keys(), example.keys())
        self.assertLessEqual(written["machine"].keys(), example["machine"].keys())
        self.check_shape(written["results"][0], example["results"][0])

    def check_shape(self, written, example):
        for key, value in written.items():
            self.assertIn(key, example)
            self.assertEqual(isinstance(value, (int, float)), isinstance(example[key], (int, float)), key)
            if isinstance(value, dict):
                self.check_shape(value, example[key])

    def test_a_file_holds_what_was_written(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "out.json"
            what = results.document("pytorch", results.machine("torch 0"), [], commit="abc")
            results.write(path, what)
            self.assertEqual(what, json.loads(path.read_text(encoding="utf-8")))


if __name__ == "__main__":
    unittest.main()
