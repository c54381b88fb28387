"""The process of a step: reads its order, calls the component, writes outputs and result."""
