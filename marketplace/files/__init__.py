"""Files from outside, read row by row and never trusted; and files for outside, written so that they harm nobody."""
