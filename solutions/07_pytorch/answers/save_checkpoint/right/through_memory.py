"""Through a memory of bytes; everything about the run in one dict."""


def save_checkpoint(path, model, optimizer, scheduler, epoch):
    import io

    memory = io.BytesIO()
    run = {"epoch": torch.tensor(epoch), "random": torch.get_rng_state()}
    names = ("model", "optimizer", "scheduler")
    for name, part in zip(names, (model, optimizer, scheduler), strict=True):
        run[name] = part.state_dict()
    torch.save(run, memory)
    with open(path, "wb") as file:
        file.write(memory.getvalue())


def load_checkpoint(path, model, optimizer, scheduler):
    with open(path, "rb") as file:
        run = torch.load(file)
    scheduler.load_state_dict(run["scheduler"])
    optimizer.load_state_dict(run["optimizer"])
    model.load_state_dict(run["model"])
    torch.set_rng_state(run["random"])
    return run["epoch"].item()
