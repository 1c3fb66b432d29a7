"""Independent reference computation of the contract, generator of random campaigns and their comparison.

Nothing here reads `sql/` nor the computations of `flows/`: the figures come from the contract alone (standard library
only), so that a difference with the product reveals an error in one of the two.
"""
