"""What `benchmarks/gpu_check.sh` asks of a GPU beside the tests: the CPU's results, few launches, odd inputs.

`python -m tvdrnet_nv.benchmarks.gpu CHECK` runs one check and prints its figures as JSON; it exits with 1 where they
are not within their limits. Each check runs on any device, so that the tests run them without a GPU.
"""
