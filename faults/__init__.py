"""The fault programme: named scenarios that break things around a release, judged by what the far side wrote down."""
