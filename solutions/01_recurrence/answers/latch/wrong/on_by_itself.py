"""The unit goes on before any pulse has come: the bias alone pushes the state up from 0. What must its sign not be?"""


def latch():
    return np.array([[5.0]]), np.array([[3.0]]), np.array([1.0])
