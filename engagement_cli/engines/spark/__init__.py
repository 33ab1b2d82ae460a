"""The Spark engine: the line of the local one, its scan and its buckets given to the tasks of a Spark cluster.

`engine` is the driver's part, `tasks` what happens on executors; nobody else imports pyspark. Nothing is imported
here: an executor's first import of this package must not start Polars yet (see `entry`).
"""
