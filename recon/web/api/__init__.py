"""The JSON interface under `/api/v1`: reading only, as whom one is signed in; every fault is a JSON sentence too."""
