"""PyTorch3D's own tests, from a folder of yours, on our modules: see __main__.py."""
