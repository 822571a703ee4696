"""Cameras found again from pictures that our renderer did not make, and whether the results know when they are right.

The sources of pictures:

    photograph        real ones, with a scan of what they show (`seven_scenes`)
    path traced       the furnished room by Mitsuba 3: lamps, a sensor's noise, another white balance, a person in some
                      (`path_traced`)
    altered render    our own renders, resized, recoloured and compressed (`altered`)
    noise, mirrored, another scene
                      pictures that no camera in the scene can have taken (`unanswerable`)

A row is a dict of plain values, for one trial:

    source, scene, picture
    method           one of `methods.METHODS`
    rotation         degrees by which the start is turned about the middle of what the true camera sees
    distance         share by which it is nearer or farther
    has_answer       whether a camera can be found at all
    right            whether it was found: within 2 degrees and 5 cm
    status           what the result says
    quality          what the result says about itself, in [0, 1]; None where it says nothing
    explained, by_chance, places
                     what the quality is made of: `optimization.fit.Fit`
    degrees, metres  how far the result is from the truth; None without an answer
    seconds          of the whole search
    iterations
    z_rotation, z_position
                     the errors divided by the result's standard deviations, three each; None where one of them is not
                     known: the truth of photographs is not exact

`summary` makes tables of them, and `bars` says what is good enough.
"""
