"""The discrete-event kernel on SimPy: time, nets, processes."""
