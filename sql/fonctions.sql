-- Fonctions communes aux modèles. Elles restent dans flux.duckdb : elles servent aussi dans le shell.
-- Un montant est un decimal(38, 18) : l'unité est 10^-18, un entier de 128 bits (jusqu'à 1,7 × 10^20 logements).
-- Ce qui n'est pas entier (une part n ÷ d d'un montant) est coupé à cette unité : moins de 10^-18 d'écart chaque fois.
-- Un montant d'une convention vient de quelques milliers de telles parts au plus : il est à moins de 10^-14 du vrai.
-- Les arrondis rendent cette marge : un vrai demi, calculé 2,499999999999999999, est un demi. Un nombre rationnel de
-- dénominateur D n'est jamais à moins de 1 ÷ 2D d'un demi sans en être un : la marge ne fait donc d'erreur qu'au-delà
-- de D = 5 × 10^13, hors de portée d'un parc et de ses droits.
-- Un nombre inconnu (null) donne un montant inconnu, jamais zéro.

-- Montant en unités de 10^-18, entier exact.
create macro unites(x) as
cast(trunc(cast(x as decimal(38, 18))) as hugeint) * 1000000000000000000
+ cast(cast(x as decimal(38, 18)) % 1 * 1000000000000000000 as hugeint);

create macro montant(u) as cast(
    cast(u as decimal(38, 0)) * cast(0.000000000000000001 as decimal(19, 18)) as decimal(38, 18)
);

-- Part n ÷ d d'un montant, n et d entiers ; zéro quand d est nul. Le quotient est fait avant le produit : rien ne
-- dépasse n × d (droits en millionièmes et deux parcs : moins de 10^36) ni le résultat.
create macro part_de(x, n, d) as if(
    d = 0,
    if(x is null or n is null, null, cast(0 as decimal(38, 18))),
    montant(
        unites(x) // cast(d as hugeint) * cast(n as hugeint)
        + unites(x) % cast(d as hugeint) * cast(n as hugeint) // cast(d as hugeint)
    )
);

-- Part n ÷ d d'un montant x d'au plus 17 (un taux), n et d étant des montants quelconques, n au plus égal à d : ramenés à
-- dix-neuf chiffres, ils ne débordent jamais, et l'écart est de deux unités au plus.
create macro part_de_montants(x, n, d) as part_de(
    x,
    unites(n) // (unites(d) // 10000000000000000000 + 1),
    unites(d) // (unites(d) // 10000000000000000000 + 1)
);

-- Produit de deux montants, quels qu'ils soient : les décimales de l'un et de l'autre à part, rien ne dépasse 10^36.
create macro produit(x, y) as montant(
    unites(x) // 1000000000000000000 * unites(y)
    + unites(x) % 1000000000000000000 * (unites(y) // 1000000000000000000)
    + unites(x) % 1000000000000000000 * (unites(y) % 1000000000000000000) // 1000000000000000000
);

-- Arrondi au plus proche à k décimales, le demi vers le haut (vers l'extérieur pour un négatif).
create macro arrondi(x, k) as montant(
    sign(unites(x)) * (
        (abs(unites(x)) + cast(power(10, 18 - k) as hugeint) // 2 + 10000) // cast(power(10, 18 - k) as hugeint)
    ) * cast(power(10, 18 - k) as hugeint)
);

-- Arrondi vers le bas, à l'unité (montant positif).
create macro tronque(x) as montant((unites(x) + 10000) // 1000000000000000000 * 1000000000000000000);

-- Montant publié : six décimales.
create macro en_decimal(x) as cast(arrondi(x, 6) as decimal(38, 6));

-- Quotient de deux montants en pour cent, à six décimales ; zéro quand le second est nul.
create macro quotient_pct(x, y) as if(
    y = 0,
    if(x is null, null, cast(0 as decimal(38, 6))),
    cast(
        cast(
            ((unites(x) + sign(unites(x)) * 1000) * 200000000 + sign(unites(x)) * unites(y)) // (2 * unites(y))
            as decimal(32, 0)
        ) * cast(0.000001 as decimal(7, 6)) as decimal(38, 6)
    )
);

-- Nombre décimal en millionièmes, entier.
create macro millioniemes(x) as
cast(trunc(cast(x as decimal(18, 6))) as bigint) * 1000000 + cast(cast(x as decimal(18, 6)) % 1 * 1000000 as bigint);

-- Part en pour cent, à six décimales, demi vers le haut ; inconnue quand le total est nul.
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

-- Texte qui suit dans une phrase : sa première lettre en minuscule.
create macro en_minuscule(texte) as lower(left(texte, 1)) || substr(texte, 2);

-- Début d'une liste écrite « a, b, c » : dix noms au plus, et combien d'autres.
create macro debut_de_liste(liste) as
array_to_string(string_split(liste, ', ')[:10], ', ')
|| if(len(string_split(liste, ', ')) > 10, ' et ' || (len(string_split(liste, ', ')) - 10) || ' autre', '')
|| if(len(string_split(liste, ', ')) > 11, 's', '');

-- Nom comparable : minuscules, sans accent, lettres et chiffres seulement.
create macro nom_normalise(nom) as
trim(regexp_replace(strip_accents(lower(nom)), '[^a-z0-9]+', ' ', 'g'));

-- Ce que dit la case d'un total : « Tous plafonds », « Total général », « Ensemble ».
create macro est_un_total(texte) as regexp_matches(
    nom_normalise(texte), '^((sous|ss|s|grand) )?(total|totaux|tous?|toutes?|ensemble|cumul|somme)( |$)'
);

-- Lettres et chiffres d'un identifiant, en capitales et sans zéros en tête.
create macro lettres_et_chiffres(identifiant) as
ltrim(regexp_replace(upper(identifiant), '[^\p{L}\p{N}]', '', 'g'), '0');

-- Jamais moins de zéro ; l'inconnu reste inconnu.
create macro positif(x) as if(x < 0, cast(0 as decimal(38, 18)), x);

-- Rang d'une échelle, de la plus étroite à la plus large.
create macro rang_de_l_echelle(echelle) as
case echelle when 'commune' then 1 when 'ept' then 2 when 'epci' then 3 when 'departement' then 4 else 5 end;

-- Dernier jour d'un droit : date_fin si elle est donnée ; pour une garantie d'emprunt (aussi quand l'origine est vide),
-- la fin de l'emprunt, cinq ans plus tard quand la loi ou la convention le prolonge (CCH R.441-6) ; sinon sans terme.
create macro fin_du_droit(date_fin, origine, date_fin_emprunt, est_prolonge) as coalesce(
    date_fin,
    if(
        coalesce(origine, 'garantie_emprunt') = 'garantie_emprunt',
        if(est_prolonge, cast(date_fin_emprunt + interval 5 year as date), date_fin_emprunt),
        null
    )
);

-- L'échelle des lignes a à j, une fois pour toutes : l'annexe, la projection et la simulation la lisent.
-- `entrees` nomme une table : c, d_numerateur, d_denominateur, f, g, i_numerateur, i_denominateur, i_points
-- (points en 10^-8), arrondi_etapes, arrondi_final. Une ligne inconnue rend inconnues celles qui en viennent.
create macro echelle_du_flux(entrees) as table
    with

    bruts as (
        select
            *,
            part_de(1, d_numerateur, d_denominateur) as d,
            part_de(c, d_numerateur, d_denominateur) as e_exact,
            part_de(1, i_numerateur, i_denominateur) + part_de(1, i_points, 100000000) as i_signe
        from query_table(entrees)
    ),

    bruts_arrondis as (
        select
            *,
            if(arrondi_etapes = 'unite', arrondi(e_exact, 0), e_exact) as e,
            positif(i_signe) as i
        from bruts
    ),

    nets as (
        select
            *,
            e - f - g as h_signe,
            positif(e - f - g) as h_exact
        from bruts_arrondis
    ),

    nets_arrondis as (
        select
            *,
            if(arrondi_etapes = 'unite', arrondi(h_exact, 0), h_exact) as h
        from nets
    ),

    parts as (
        select
            *,
            positif(part_de(h, i_numerateur, i_denominateur) + part_de(h, i_points, 100000000)) as j_exact
        from nets_arrondis
    )

    select
        *,
        case arrondi_final
            when 'unite_demi_superieur' then arrondi(j_exact, 0)
            when 'unite_inferieur' then tronque(j_exact)
            when 'decimale_1' then arrondi(j_exact, 1)
            when 'decimale_2' then arrondi(j_exact, 2)
            else j_exact
        end as j
    from parts;
