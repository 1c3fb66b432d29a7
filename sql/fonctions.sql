-- Fonctions communes aux modèles. Elles restent dans flux.duckdb : elles servent aussi dans le shell.
-- Une fraction est {n: numérateur, d: dénominateur}, deux entiers exacts ; d est toujours positif.
-- Un numérateur ou un dénominateur inconnu (null) donne une fraction inconnue, jamais zéro.

-- Les arguments passent par une liste d'un élément : ils ne sont ainsi écrits, et calculés, qu'une fois.
create macro fraction(n, d) as
list_transform(
    [{
        'n': cast(n as hugeint),
        'd': cast(d as hugeint)
    }],
    lambda f: if(f.n is not null and f.d > 0, {
        'n': f.n // gcd(f.n, f.d),
        'd': f.d // gcd(f.n, f.d)
    }, null)
)[1];

-- Nombre décimal à six décimales au plus, en fraction.
create macro en_fraction(x) as fraction(cast(cast(x as decimal(24, 6)) * 1000000 as hugeint), 1000000);

create macro produit(a, b) as fraction(a.n * b.n, a.d * b.d);

create macro somme(a, b) as fraction(a.n * b.d + b.n * a.d, a.d * b.d);

create macro difference(a, b) as fraction(a.n * b.d - b.n * a.d, a.d * b.d);

-- Rapport de deux nombres ; un parc vide donne zéro, pas une division impossible.
create macro rapport(partie, total) as
if(total = 0, fraction(0, 1), produit(en_fraction(partie), fraction(1, total)));

-- Quotient exact de deux nombres décimaux ; inconnu quand le second est nul.
create macro quotient(a, b) as
fraction(cast(cast(a as decimal(24, 6)) * 1000000 as hugeint), cast(cast(b as decimal(24, 6)) * 1000000 as hugeint));

create macro positive(a) as fraction(greatest(a.n, 0), a.d);

-- Somme d'une liste de fractions (sqlfluff ne lit pas encore une fonction à deux arguments).
create macro cumul(fractions) as
list_reduce(fractions, lambda x, y: somme(x, y)); -- noqa: PRS

-- Arrondi au plus proche, le demi vers le haut (vers l'extérieur pour un négatif), à k décimales ; entier en unités de 10^-k.
create macro arrondi_entier(a, k) as
sign(a.n) * ((2 * abs(a.n) * cast(power(10, k) as hugeint) + a.d) // (2 * a.d));

create macro arrondi(a, k) as fraction(arrondi_entier(a, k), cast(power(10, k) as hugeint));

-- Arrondi vers le bas, à l'unité (fraction positive).
create macro tronque(a) as fraction(a.n // a.d, 1);

-- Fraction en nombre décimal à six décimales.
create macro en_decimal(a) as cast(
    cast(arrondi_entier(a, 6) as decimal(32, 0)) * cast(0.000001 as decimal(7, 6)) as decimal(38, 6)
);

-- Nombre décimal en millionièmes, entier.
create macro millioniemes(x) as
cast(trunc(cast(x as decimal(18, 6))) as bigint) * 1000000 + cast(cast(x as decimal(18, 6)) % 1 * 1000000 as bigint);

-- Fraction en milliardièmes entiers : pour additionner des conventions sans faire grandir les dénominateurs.
create macro en_milliardiemes(a) as arrondi_entier(a, 9);

-- Rapport de deux entiers ; un total nul donne zéro.
create macro quotient_ou_zero(partie, total) as
    if(total = 0, fraction(0, 1), fraction(partie, total));

-- Part en pour cent, à six décimales, demi vers le haut ; inconnue quand le total est nul.
-- Un seul quotient d'entiers, sans fraction réduite : elle sert sur des centaines de milliers de lignes.
create macro part_pct(partie, total) as
if(total > 0, cast(cast(
    sign(partie) * (
        (cast(abs(millioniemes(partie)) as hugeint) * 200000000 + millioniemes(total)) // (2 * millioniemes(total))
    ) as decimal(32, 0)
) * cast(0.000001 as decimal(7, 6)) as decimal(38, 6)), null);

-- Logarithme du nombre de façons de choisir k objets parmi n.
create macro ln_combinaisons(n, k) as lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);

-- Département d'une commune : deux caractères, trois outre-mer.
create macro departement_de(code_commune) as
left(code_commune, if(left(code_commune, 2) in ('97', '98'), 3, 2));

-- Nombre écrit en français, à deux décimales au plus : 28,57 ; 28,5 ; 28.
create macro ecrit(x) as
replace(regexp_replace(cast(cast(x as decimal(24, 2)) as varchar), '\.?0+$', ''), '.', ',');

-- Nom comparable : minuscules, sans accent, lettres et chiffres seulement.
create macro nom_normalise(nom) as
trim(regexp_replace(strip_accents(lower(nom)), '[^a-z0-9]+', ' ', 'g'));

-- Lettres et chiffres d'un identifiant, en capitales et sans zéros en tête.
create macro lettres_et_chiffres(identifiant) as
ltrim(regexp_replace(upper(identifiant), '[^\p{L}\p{N}]', '', 'g'), '0');
