"""Compiled loops over arrays, for what takes NumPy many passes: of each subject a C file and the Python that calls it.

The loops are plain C. They take arrays that Python made, with their lengths, and fill others; the interpreter's lock is
free meanwhile. Python checks dtypes and makes room, C checks nothing.
"""
