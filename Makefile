# What CI runs in full is .ci/run; these are its parts, for every day.

.PHONY: check test demo verify-py

check:
	cargo fmt --all -- --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

# PostgreSQL tests run where its server binaries are found, and say that they are skipped elsewhere.
test:
	cargo test --workspace --locked

demo:
	cargo run --release --locked -- demo

# The verifier that goes with every bundle: published vectors, then its own suite.
verify-py:
	python3 audit/verify.py --self-test
	python3 audit/tests/python/test_verify.py
