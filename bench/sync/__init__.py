"""Two exchanges in step, measured; `bench.bench_sync` is the door."""
