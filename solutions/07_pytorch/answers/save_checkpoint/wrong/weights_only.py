"""Only the model's weights come back. Adam's means, the schedule and the random numbers start anew, so the run goes another way."""


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
    return saved["epoch"]
