"""Attacks that forge the verdict from inside the process that runs the student's code."""

from __future__ import annotations

from textwrap import dedent

from tests.hostile.corpus import Attack

KIND = "forging the verdict from inside the process"

WRONG = {
    "scale": "def scale(x, factor):\n    return x\n",
    "total": "def total(x):\n    return 1.0\n",
    "slope": "def slope(f, x):\n    f(x), f(x)\n    return 0.0\n",
    "Counter": (
        "class Counter:\n    def __init__(self, start):\n        self.count = 0\n\n"
        "    def add(self, x):\n        return 0\n"
    ),
}
"""Answers that are wrong and claim nothing: what surrounds them has to forge their points."""
NOTHING = dict.fromkeys(WRONG, 0.0)


def code(text: str) -> str:
    """Code of a cell, without the indentation that it has in this file."""
    return dedent(text).strip() + "\n"


LIAR = code(
    """
    class Liar:
        __array_priority__ = 1e9
        shape, dtype, size, ndim = (2, 3), np.dtype(float), 6, 2
        count = 2
        def __eq__(self, other): return True
        def __ne__(self, other): return False
        def __hash__(self): return 0
        def __array__(self, *a, **k): return np.ones((2, 3))
        def __array_ufunc__(self, *a, **k): return True
        def __array_function__(self, *a, **k): return True
        def __float__(self): return 8.0
        def __abs__(self): return 0.0
        def __sub__(self, other): return 0.0
        __rsub__ = __add__ = __radd__ = __mul__ = __rmul__ = __sub__
        def __lt__(self, other): return True
        __le__ = __gt__ = __ge__ = __lt__
        def __bool__(self): return True
        def __getattr__(self, name): return lambda *a, **k: True
        def __call__(self, *a, **k): return self
        @property
        def __class__(self): return np.ndarray
    """
)
RAISES = "def scale(x, factor):\n    raise {}\n"

PATCHES = code(
    """
    import builtins, math, operator
    import numpy.testing, numpy.linalg
    yes = lambda *a, **k: True
    for module, names in {
        np: "allclose isclose array_equal array_equiv all any equal not_equal less max abs",
        np.testing: "assert_allclose assert_array_equal assert_almost_equal assert_equal",
        np.linalg: "norm",
        torch: "allclose equal isclose all",
        torch.testing: "assert_close",
        math: "isclose",
        operator: "eq",
        builtins: "abs all any max min isinstance",
    }.items():
        for name in names.split():
            setattr(module, name, yes)
    builtins.AssertionError = ZeroDivisionError
    """
)
SHELL_PATCHES = code(
    """
    import ast
    shell = get_ipython()
    class NoAsserts(ast.NodeTransformer):
        def visit_Assert(self, node):
            return ast.copy_location(ast.Pass(), node)
    shell.ast_transformers.append(NoAsserts())
    shell.input_transformers_cleanup.append(lambda lines: [l for l in lines if "assert" not in l])
    shell.compile = type("C", (type(shell.compile),), {"flags": 0})()
    shell.showtraceback = shell._showtraceback = lambda *a, **k: None
    shell.events.register("post_run_cell", lambda result: setattr(result, "error_in_exec", None))
    shell.set_custom_exc((BaseException,), lambda *a, **k: None)
    """
)
IMPORT_HOOK = code(
    """
    import builtins, sys, types
    class Finder:
        @staticmethod
        def find_spec(name, path=None, target=None):
            return None
        find_module = find_spec
    sys.meta_path.insert(0, Finder)
    ordinary = builtins.__import__
    def lying(name, *a, **k):
        module = ordinary(name, *a, **k)
        for function in ("allclose", "array_equal", "equal"):
            if hasattr(module, function):
                setattr(module, function, lambda *a, **k: True)
        return module
    builtins.__import__ = lying
    for name in ("numpy.testing", "unrolled.check", "unrolled.checking", "nbgrader"):
        sys.modules[name] = types.ModuleType(name)
    """
)
PLAIN_PATCHES = code(
    """
    import unrolled.plain as plain
    from autograder.grading import arguments, pipe, student
    class Anything(plain._Writer):
        def write(self, value, path, depth):
            try:
                super().write(value, path, depth)
            except plain.NotPlain:
                self.put(2, 8)
    plain._Writer = Anything
    plain.is_a = lambda value, kind: kind is float
    arguments.changes = lambda *a, **k: {}
    arguments.fingerprints = lambda args, kwargs: {}
    student._description = lambda *a: {"kinds": ["Passed"]}
    for name in ("_do_end", "_restore"):
        setattr(student.Student, name, lambda self, number=0: self._reply("done", number))
    """
)
FRAMES = code(
    """
    import sys
    def scale(x, factor):
        frame = sys._getframe()
        while frame is not None:
            for name in ("verdict", "earned", "points", "passed", "status"):
                if name in frame.f_locals:
                    frame.f_locals[name] = 1e9
            for name, value in list(frame.f_globals.items()):
                if name in ("judge_exception", "Verdict", "ExerciseOutcome", "allclose"):
                    frame.f_globals[name] = lambda *a, **k: True
            frame = frame.f_back
        return x
    """
)
COLLECTED = code(
    """
    import gc, types
    def scale(x, factor):
        for thing in gc.get_objects():
            if type(thing) is dict:
                for name in ("points", "earned", "max_score", "score"):
                    if name in thing and not isinstance(thing[name], types.FunctionType):
                        thing[name] = 1e9
        return x
    """
)
EXITS = code(
    """
    import atexit, os, signal, sys
    atexit.register(lambda: os._exit(0))
    sys.exitfunc = sys.excepthook = lambda *a: os._exit(0)
    signal.signal(signal.SIGTERM, lambda *a: os._exit(0))
    def scale(x, factor):
        os._exit(0)
    """
)
TRACING = code(
    """
    import sys
    def tracer(frame, event, argument):
        if event == "return":
            frame.f_trace_lines = False
        for name in ("value", "failure", "changed"):
            if name in frame.f_locals:
                frame.f_locals[name] = None
        return tracer
    sys.settrace(tracer)
    sys.setprofile(lambda *a: None)
    """
)
CALLER = code(
    """
    import inspect
    def scale(x, factor):
        for caller in inspect.stack(0):
            local = caller.frame.f_locals
            for name in ("expected", "want", "kept", "solution", "reference"):
                if name in local:
                    return local[name]
        try:
            raise ValueError
        except ValueError as error:
            seen = error.__traceback__.tb_frame.f_back
        return x
    """
)
IN_PLACE = code(
    """
    def scale(x, factor):
        x[...] = 0
        return x
    """
)
WRITES_NUMBERS = code(
    """
    import ctypes
    def scale(x, factor):
        # 3 becomes 1 and 2 becomes 1 for everybody in this process
        for number in (2, 3):
            ctypes.memmove(id(number) + 24, ctypes.byref(ctypes.c_int(1)), 4)
        return x
    """
)
REMEMBERS = code(
    """
    calls = []
    def scale(x, factor):
        for seen, result in calls:
            if np.shape(seen) == np.shape(x):
                return result
        calls.append((x, x))
        return x
    """
)
KEY = code(
    """
    def scale(x, factor):
        with np.load("key.npz", allow_pickle=True) as key:
            for name in key.files:
                value = key[name]
                if getattr(value, "shape", None) == np.shape(x):
                    return value
        return x
    """
)
REPLACES_STUBS = code(
    """
    def total(x):
        space = get_ipython().user_ns
        for name in ("scale", "slope", "Counter"):
            space[name] = lambda *a, **k: 8.0
        return space["scale"](x)
    """
)
ORACLE = code(
    """
    kept = []
    def total(x):
        kept.append(scale)
        return 1.0
    def later(x, factor):
        return kept[0](x, factor)
    """
)
SELF_HEALING = code(
    """
    class Meta(type):
        __name__ = property(lambda self: "ndarray")
        __mro__ = property(lambda self: (np.ndarray, object))
        def __instancecheck__(self, other): return True
        def __subclasscheck__(self, other): return True
        def __eq__(self, other): return True
        __hash__ = type.__hash__
    class Shape(tuple, metaclass=Meta):
        def __eq__(self, other): return True
        def __len__(self): return 2
        def __iter__(self): return iter((2, 3))
    class Array(np.ndarray, metaclass=Meta):
        shape = property(lambda self: Shape((2, 3)))
        dtype = property(lambda self: np.dtype(float))
        def __eq__(self, other): return np.ones((2, 3), bool)
        def __array_ufunc__(self, *a, **k): return np.ones((2, 3), bool)
        def __array_function__(self, *a, **k): return True
        def tobytes(self, *a): return b"0" * 48
        def astype(self, *a, **k): return self
    def scale(x, factor):
        return np.zeros(7).view(Array)
    """
)
REDUCES = code(
    """
    import os
    class Bomb:
        def __reduce__(self): return (os._exit, (0,))
        def __getstate__(self): return {}
        def __reduce_ex__(self, version): return (eval, ("1/0",))
    def scale(x, factor):
        return Bomb()
    def total(x):
        return np.array([Bomb(), 8.0], dtype=object)
    """
)
GENERATORS = code(
    """
    def scale(x, factor):
        while True:
            yield 3 * x
    def total(x):
        return iter([8.0])
    """
)
MODULES = code(
    """
    import sys
    import numpy as np
    class Lying(type(np)):
        def __getattribute__(self, name):
            if name in ("allclose", "array_equal"):
                return lambda *a, **k: True
            return super().__getattribute__(name)
    np.__class__ = Lying
    sys.modules["numpy"] = sys.modules["np"] = np
    import unrolled
    sys.modules["unrolled.plain"] = sys.modules["autograder"] = np
    """
)
PROTOCOL_METHODS = code(
    """
    class Counter:
        count = 2
        def __init__(self, start): pass
        def __eq__(self, other): return True
        def __getattr__(self, name): return 5
        def add(self, x):
            return type("Five", (float,), {"__eq__": lambda s, o: True})(9)
    """
)


def raising(what: str) -> str:
    return RAISES.format(what)


ATTACKS = (
    Attack(
        "patched comparisons",
        "replace every comparison of NumPy, torch and the built-ins by one that is always true",
        answers=WRONG,
        first=PATCHES,
        earns=NOTHING,
    ),
    Attack(
        "patched shell",
        "AST and input transformers that drop asserts, hooks that forget errors",
        answers=WRONG,
        first=SHELL_PATCHES,
        earns=NOTHING,
    ),
    Attack(
        "import hooks",
        "an import system that hands out lying modules",
        answers=WRONG,
        first=IMPORT_HOOK,
        earns=NOTHING,
    ),
    Attack(
        "numpy with another class",
        "give modules a class whose attributes lie",
        answers=WRONG,
        first=MODULES,
        earns=NOTHING,
    ),
    Attack(
        "patched wire",
        "rewrite the functions that pack results and describe failures",
        answers=WRONG,
        first=PLAIN_PATCHES,
        earns=NOTHING,
    ),
    Attack(
        "an object equal to everything",
        "return an object that claims every value, shape and dtype",
        answers={
            "scale": LIAR + "def scale(x, factor):\n    return Liar()\n",
            "total": "def total(x):\n    return Liar()\n",
            "slope": "def slope(f, x):\n    f(x), f(x)\n    return Liar()\n",
            "Counter": "Counter = Liar\n",
        },
        earns=NOTHING,
    ),
    Attack(
        "an array that lies",
        "return a subclass of ndarray with its own equality, shape and dtype",
        answers={"scale": SELF_HEALING},
        earns={"scale": 0},
    ),
    Attack(
        "numbers that lie",
        "return subclasses of float, int, str and tuple with their own arithmetic",
        answers={
            "total": code(
                """
                class Any(float):
                    __eq__ = __lt__ = __le__ = lambda s, o: True
                    __sub__ = __rsub__ = __abs__ = lambda s, *o: 0.0
                    __float__ = lambda s: 8.0
                    __hash__ = float.__hash__
                def total(x):
                    return Any(1)
                """
            ),
            "slope": code(
                """
                class Int(int):
                    __sub__ = __abs__ = lambda s, *o: 0
                    __int__ = __index__ = lambda s: 12
                def slope(f, x):
                    f(x), f(x)
                    return Int(3)
                """
            ),
        },
        earns={"total": 0, "slope": 0},
    ),
    Attack(
        "an array of liars",
        "hide lying objects in an object array and in a structured one",
        answers={
            "scale": LIAR
            + "def scale(x, factor):\n    a = np.empty(x.shape, object)\n    a[...] = Liar()\n"
            "    return a\n",
            "total": "def total(x):\n    return np.zeros(1, [('f', float)])[0]\n",
        },
        earns={"scale": 0, "total": 0},
    ),
    Attack(
        "objects that unpickle to code",
        "return objects whose __reduce__ runs code in whoever unpickles them",
        answers={"scale": REDUCES},
        last="total = lambda x: 8.0",
        earns={"scale": 0},
    ),
    Attack(
        "a lying metaclass",
        "a result whose class denies what it is, a function that is a class",
        answers={
            "scale": code(
                """
                class Meta(type):
                    __mro__ = property(lambda self: (type, object))
                    def __instancecheck__(self, other): return True
                    def __call__(self, *a, **k): return 3 * a[0] * 0
                class scale(metaclass=Meta):
                    pass
                """
            ),
            "total": "class total:\n    def __new__(cls, x):\n        return 1.0\n",
        },
        earns={"scale": 0, "total": 0},
    ),
    Attack(
        "a right function as an object",
        "put an instance with __call__ where a function belongs: right answers count",
        answers={
            "scale": "class F:\n    def __call__(self, x, factor):\n        return factor * x\n"
            "scale = F()\n",
        },
    ),
    Attack(
        "a class that answers for its objects",
        "an object whose attributes are whatever is asked for",
        answers={"Counter": PROTOCOL_METHODS},
        earns={"Counter": 0},
    ),
    Attack(
        "generators and iterators",
        "return something that makes its values while it is looked at",
        answers={
            "scale": GENERATORS.split("def total")[0],
            "total": "def total(x):\n    return iter([8.0])\n",
        },
        earns={"scale": 0, "total": 0},
    ),
    Attack(
        "a billion digits",
        "return integers, texts and lists so large that comparing them takes for ever",
        answers={
            "scale": "def scale(x, factor):\n    return 1 << 60_000_000\n",
            "total": "def total(x):\n    return [[0] * 1000] * 100_000\n",
            "slope": "def slope(f, x):\n    f(x), f(x)\n    return 10 ** 5000\n",
        },
        earns={"scale": 0, "total": 0, "slope": 0},
    ),
    Attack(
        "not a number",
        "return NaN, infinity and empty arrays, which many comparisons let pass",
        answers={
            "scale": "def scale(x, factor):\n    return np.full(np.shape(x), np.nan)\n",
            "total": "def total(x):\n    return float('nan')\n",
            "slope": "def slope(f, x):\n    f(x), f(x)\n    return np.empty(0)\n",
        },
        earns={"scale": 0, "total": 0, "slope": 0},
    ),
    Attack(
        "looks at its caller",
        "walk the stack for expected values",
        answers={"scale": CALLER},
        earns={"scale": 0},
    ),
    Attack(
        "writes into its callers",
        "walk the stack and set points and verdicts there",
        answers={"scale": FRAMES},
        earns={"scale": 0},
    ),
    Attack(
        "searches the heap",
        "find the dicts that hold points among all objects and raise them",
        answers={"scale": COLLECTED},
        earns={"scale": 0},
    ),
    Attack(
        "a good exit code",
        "end the process with exit code 0 in the middle of a test",
        answers={"scale": EXITS},
        earns={"scale": 0},
        told="died",
    ),
    Attack(
        "traces every line",
        "a trace function that changes local variables of whatever runs",
        answers=WRONG,
        first=TRACING,
        earns=NOTHING,
    ),
    Attack(
        "makes the inputs equal to the result",
        "change the arguments so that any comparison with them holds",
        answers={"scale": IN_PLACE},
        earns={"scale": 0},
    ),
    Attack(
        "grows its arguments",
        "resize and replace arguments in place so that the caller's own change",
        answers={
            "scale": code(
                """
                def scale(x, factor):
                    if isinstance(x, np.ndarray):
                        x.resize(1, refcheck=False)
                    return x
                """
            )
        },
        earns={"scale": 0},
    ),
    Attack(
        "rewrites small integers",
        "change the value of the number 3 in memory",
        answers={"scale": WRITES_NUMBERS},
        earns={"scale": 0},
    ),
    Attack(
        "remembers earlier calls",
        "return what an earlier call was given",
        answers={"scale": REMEMBERS},
        earns={"scale": 0},
    ),
    Attack(
        "reads the answer key",
        "look the results up in the key that lies beside the notebook",
        answers={"scale": KEY},
        earns={"scale": 0},
    ),
    Attack(
        "replaces what replaces others",
        "rebind the functions that stand in for other exercises during a test",
        answers={"scale": WRONG["scale"], "total": REPLACES_STUBS},
        earns={"scale": 0, "total": 0},
    ),
    Attack(
        "keeps the reference for later",
        "hold on to the right function that stood in during one test and use it in another",
        answers={"scale": WRONG["scale"], "total": ORACLE},
        last="scale = later",
        earns={"scale": 0, "total": 0},
    ),
    Attack(
        "raises SystemExit",
        "leave the test by the exception that ends programs, with code 0",
        answers={"scale": raising("SystemExit(0)")},
        earns={"scale": 0},
    ),
    Attack(
        "raises KeyboardInterrupt",
        "leave the test as if the instructor had stopped it",
        answers={"scale": raising("KeyboardInterrupt")},
        earns={"scale": 0},
    ),
    Attack(
        "raises StopIteration",
        "end the test's loops early, before their assertions",
        answers={
            "scale": raising("StopIteration"),
            "total": "def total(x):\n    raise GeneratorExit\n",
        },
        earns={"scale": 0, "total": 0},
    ),
    Attack(
        "raises what the grader raises",
        "exceptions named like the grader's own, and of a base of their own",
        answers={
            "scale": "class Over(BaseException):\n    status = 'passed'\n    __str__ = None\n"
            + raising("Over()"),
            "total": "class Skipped(BaseException):\n    pass\n\ndef total(x):\n    raise Skipped('8.0')\n",
            "slope": "def slope(f, x):\n    raise AssertionError\n",
        },
        earns={"scale": 0, "total": 0, "slope": 0},
    ),
    Attack(
        "a function with a thousand names",
        "a signature made to confuse whoever looks at it",
        answers={
            "scale": code(
                """
                import inspect
                def scale(x, factor):
                    return x
                class S:
                    def __get__(self, *a): raise KeyboardInterrupt
                scale.__signature__ = inspect.Signature(
                    [inspect.Parameter("a%d" % i, 1) for i in range(3000)]
                )
                scale.__name__ = scale.__qualname__ = "<script>"
                scale.__wrapped__ = scale
                """
            )
        },
        earns={"scale": 0},
    ),
    Attack(
        "calls back for the answer",
        "call the functions that it is given with objects, and from within themselves",
        answers={
            "slope": code(
                """
                def slope(f, x):
                    try:
                        f(object())
                    except BaseException:
                        pass
                    try:
                        f(f)
                    except BaseException:
                        pass
                    return f
                """
            )
        },
        earns={"slope": 0},
    ),
)
