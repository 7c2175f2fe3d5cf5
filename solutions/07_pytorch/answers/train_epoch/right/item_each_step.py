"""The loss as a number after each batch: slower on a GPU, the same numbers."""


def train_epoch(model, batches, optimizer, max_norm, device):
    model.train(True)
    total, count, state = 0.0, 0, None
    for batch in batches:
        x, y = (part.to(device, non_blocking=True) for part in batch)
        optimizer.zero_grad(set_to_none=False)
        loss, state = model(x, y, state)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        optimizer.step()
        state = tuple(part.detach() for part in state)
        total += loss.item()
        count += 1
    return total / count
