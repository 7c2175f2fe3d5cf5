"""Written beside and then renamed, so that a crash leaves the old file whole; a tuple of states."""


def save_checkpoint(path, model, optimizer, scheduler, epoch):
    import os

    parts = [part.state_dict() for part in (model, optimizer, scheduler)]
    unfinished = str(path) + ".part"
    torch.save((parts, epoch, torch.random.get_rng_state()), unfinished)
    os.replace(unfinished, path)


def load_checkpoint(path, model, optimizer, scheduler):
    parts, epoch, generator = torch.load(path, weights_only=True)
    for part, state in zip((model, optimizer, scheduler), parts, strict=True):
        part.load_state_dict(state)
    torch.random.set_rng_state(generator)
    return int(epoch)
