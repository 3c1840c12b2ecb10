"""The connection to a Ray cluster, which starts and places processes on other machines.

Ray is imported here alone, and only by a server that was given a cluster.
"""
