"""Metric types, one file each: parameters, needs, measure, finish and documentation; `registry` lists them all."""
