"""The scheduler's state does not come back, so the learning rate falls at the wrong time."""


def save_checkpoint(path, model, optimizer, scheduler, epoch):
    saved = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "scheduler": scheduler.state_dict(),
        "epoch": epoch,
        "generator": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all(),
    }
    torch.save(saved, path)


def load_checkpoint(path, model, optimizer, scheduler):
    saved = torch.load(path, map_location="cpu")
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    torch.set_rng_state(saved["generator"])
    torch.cuda.set_rng_state_all(saved["cuda"])
    return saved["epoch"]
