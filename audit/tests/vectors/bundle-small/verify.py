# the verifier
