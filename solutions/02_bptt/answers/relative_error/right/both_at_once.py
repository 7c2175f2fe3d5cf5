"""Both arrays stacked, so that one maximum sees all entries."""


def relative_error(a, b):
    largest = np.max(np.abs(np.stack([a, b])))
    difference = np.max(np.abs(a - b))
    return 0.0 if largest == 0 else difference / largest
