"""Recovery: how often, and how soon, a known camera is found again from its picture.

A row is a dict of plain values, for one scene, one bin of start errors and one method:

    scene
    rotation         degrees between the start's and the target's direction of view
    distance         share by which the start is nearer or farther
    focal            share by which its focal length is longer or shorter; above 0 it is optimised, too
    shift            of its look-at point, share of the scene's radius; above 0 it is optimised, too
    covered          share of the picture that a rectangle of some colour covers
    principal        shift of its principal point, half shorter sides; above 0 it is optimised, too
    method           "lm", "lm, 8 starts", "adam", "tvdrnet", "noise, then adam", or PyTorch3D's
    resolution       the side of the square images, pixels
    trials, found    how many targets there were, and how many were found: within 0.5 degrees of rotation, 0.5 % of
                     focal length, and in position 0.5 % of the distance
    rate, low, high  their share, and its 95 % confidence interval (Wilson 1927)
    iterations       the median until a found camera was first within these bounds; None where none was found
    seconds          the same in seconds, a first search included
    searched         the median number of small renders in that search; 0 for methods without one
    every_iterations, every_seconds: what those are the medians of, a number for each found camera
    best_rival       the best rate of the others in this bin, where they were tried
    limit, passed    the rate wanted, and whether all holds: that rate, no rival above it, 30 iterations at most, and on
                     the scene that was given a second at most; None where nothing is wanted
    missed           which of these does not hold, in words
"""
