"""It returns one epoch too many, so one is left out."""


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
    scheduler.load_state_dict(saved["scheduler"])
    torch.set_rng_state(saved["generator"])
    torch.cuda.set_rng_state_all(saved["cuda"])
    return saved["epoch"] + 1
