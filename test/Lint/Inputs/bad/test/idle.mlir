// A test without a line that runs it.
