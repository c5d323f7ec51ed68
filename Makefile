# hoox: see README.md. `make run` and `make check` install what they need.
